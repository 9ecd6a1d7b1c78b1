// Everything an endpoint may use, handed in one struct (style rule 19). All members outlive the
// server and are thread-safe.
#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/client_certificate.h"
#include "server/exchange.h"
#include "server/keys/key_ring.h"
#include "server/outgoing/outgoing.h"
#include "server/pages/pages.h"
#include "server/published_document.h"
#include "server/registry/freshness.h"
#include "server/registry/registry.h"
#include "server/seals/seals.h"
#include "server/settings/settings.h"
#include "server/sign_in/password_pool.h"
#include "server/sign_in/throttle.h"
#include "server/strictness.h"
#include "store/store.h"
#include "task/background.h"

namespace cardea {

class ClientDocuments;
class ClientKeySets;
class NoticeDelivery;
class RequestObjectDocuments;
class SectorDocuments;
class VerifiedTokens;

struct Deps {
  const Settings& settings;
  store::Store& store;
  const Clock& clock;
  Random& random;
  Log& log;
  const Seals& seals;
  Registry& registry;
  KeyRing& keys;
  Freshness& freshness;
  PasswordPool& passwords;
  Throttle& throttle;
  VerifiedTokens& verified_tokens;
  const Pages& pages;
  const PublishedDocument& discovery;  // of the settings
  Observer& observer;
  Background& background;  // for writes that nobody waits for
  Outgoing& outgoing;
  ClientKeySets& client_key_sets;
  ClientDocuments& client_documents;
  SectorDocuments& sector_documents;
  RequestObjectDocuments& request_object_documents;
  NoticeDelivery& notice_delivery;
  const crypto::CertificateAuthorities& client_authorities;  // of tls_client_auth
  Relaxations relaxations;
};

}  // namespace cardea
