// The dev dial (decision Q15). The check table always runs; a Relaxations value turns a closed list
// of refusals into explained warnings. Only app/dev can construct one that relaxes anything.
#pragma once

namespace cardea {

namespace dev {
class StrictnessDial;  // src/app/dev; the only maker
}

class Relaxations {
 public:
  Relaxations() = default;  // relaxes nothing: what `serve` uses

  bool missing_pkce() const { return missing_pkce_; }
  bool unregistered_loopback_redirect() const { return unregistered_loopback_redirect_; }
  bool unknown_client() const { return unknown_client_; }

 private:
  friend class dev::StrictnessDial;
  bool missing_pkce_ = false;
  bool unregistered_loopback_redirect_ = false;
  bool unknown_client_ = false;
};

}  // namespace cardea
