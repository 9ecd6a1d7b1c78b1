# Example programs: the demo's web app and API, an MCP server, and the snippets of docs/client.md and docs/resource.md.
set(CARDEA_DEMO examples/demo)

cardea_program(demo_api ${CARDEA_DEMO}/api.cpp ${CARDEA_DEMO}/web.cpp
               DEPS resource transport listener task)
cardea_program(demo_app ${CARDEA_DEMO}/app.cpp ${CARDEA_DEMO}/page.cpp ${CARDEA_DEMO}/sessions.cpp
                        ${CARDEA_DEMO}/web.cpp
               DEPS client transport listener task)
cardea_program(example_mcp examples/mcp/server.cpp examples/mcp/message.cpp examples/mcp/tools.cpp
                           ${CARDEA_DEMO}/web.cpp
               DEPS resource transport listener task)

# Compiled, so that what the documents show is what the compiler takes.
add_library(cardea_snippets OBJECT examples/snippets/client.cpp examples/snippets/resource.cpp)
target_link_libraries(cardea_snippets PRIVATE cardea_client cardea_resource cardea_transport)
add_dependencies(product cardea_snippets)
