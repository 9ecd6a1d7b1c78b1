// Addresses of frames; see front_channel.h.
#include "server/logout/front_channel.h"

#include "protocol/authorization_response.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

// More apps than a person uses in one browser.
constexpr std::size_t frames_max = 50;

}  // namespace

std::vector<std::string> logout_frames(const Deps& deps,
                                       const std::vector<SessionClient>& clients) {
  std::vector<std::string> frames;
  for (const SessionClient& told : clients) {
    const auto client = deps.registry.find(told.client_id);
    if (client == nullptr || !client->enabled || client->frontchannel_logout_uri.empty()) continue;
    if (frames.size() == frames_max) break;
    // 2: both or neither, and the query that was registered stays.
    ParameterPairs parameters;
    if (client->frontchannel_logout_session_required) {
      parameters = {{"iss", deps.settings.issuer},
                    {"sid", sid_of(deps.seals, *client, told.session_id)}};
    }
    frames.push_back(
        response_location(client->frontchannel_logout_uri, ResponseMode::query, parameters));
  }
  return frames;
}

}  // namespace cardea
