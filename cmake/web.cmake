# Embeds web/ (templates, texts, styles, images, scripts) into the server's room, so that the binary needs no file.
file(GLOB_RECURSE CARDEA_WEB CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/*)
set(CARDEA_WEB_SOURCE ${CMAKE_BINARY_DIR}/generated/embedded_web.cpp)
add_custom_command(
  OUTPUT ${CARDEA_WEB_SOURCE}
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}/web -DOUT=${CARDEA_WEB_SOURCE}
          -P ${PROJECT_SOURCE_DIR}/cmake/embed_web.cmake
  DEPENDS ${CARDEA_WEB} ${PROJECT_SOURCE_DIR}/cmake/embed_web.cmake
  COMMENT "Embedding web/"
  VERBATIM)
target_sources(cardea_server PRIVATE ${CARDEA_WEB_SOURCE})
