// Sockets that listen: parsing "127.0.0.1:9443", "[::1]:9443", "localhost:9443" and "unix:/path",
// and binding. Nothing is shared with another process: SO_REUSEPORT is not set, so that a taken
// port is noticed (P8).
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/listener/descriptor.h"
#include "http/listener/listener.h"
#include "http/listener/peer.h"

namespace cardea::http {

// What one Endpoint listens on: one socket, or both loopback families for "localhost".
struct ListeningEndpoint {
  std::vector<Descriptor> sockets;
  std::string address;    // as Listener::addresses() gives it
  std::string unix_path;  // "" unless a Unix socket
  struct ::stat unix_file{};

  ListeningEndpoint() = default;
  ListeningEndpoint(ListeningEndpoint&&) = default;
  ListeningEndpoint& operator=(ListeningEndpoint&&) = default;
  ~ListeningEndpoint();  // removes the Unix socket's file if it is still this one
};

// Non-blocking, close-on-exec, listening. A Unix socket has mode 0660; a file left by a dead server
// is replaced, one that somebody listens on is busy.
Result<ListeningEndpoint, ListenError> listen_on(std::string_view address);

struct Accepted {
  Descriptor socket;  // invalid when nothing was accepted
  Peer peer;
  int error = 0;  // errno of accept4, EAGAIN when nobody waits
};
Accepted accept_from(int listening);

}  // namespace cardea::http
