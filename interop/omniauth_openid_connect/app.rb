# omniauth_openid_connect from Debian in a Rack app: discovery, code flow with nonce, the ID token verified against the
# key set, sign-out by the strategy's own path. The strategy has no refresh; rack-oauth2, which it rests on, does it.
require "json"
require "omniauth_openid_connect"
require "rack"
require "rack/handler/webrick"

APP_URL = ENV.fetch("APP_URL")
# The gems bring their own list of authorities; this is theirs to change it.
[OpenIDConnect, Rack::OAuth2, SWD].each do |library|
  library.http_config do |http|
    http.ssl_config.clear_cert_store
    http.ssl_config.add_trust_ca(ENV.fetch("CA_FILE"))
  end
end
OmniAuth.config.allowed_request_methods = %i[get]
OmniAuth.config.silence_get_warning = true
OmniAuth.config.request_validation_phase = nil
OmniAuth.config.on_failure = lambda do |env|
  error = env["omniauth.error"]
  answer(500, error: "#{error.class}: #{error.message}")
end

def answer(status, value)
  [status, { "content-type" => "application/json" }, [JSON.generate(value)]]
end

def redirect(path)
  [302, { "location" => path }, []]
end

# A token request of its own with the refresh token.
def refresh(credentials)
  issuer = OpenIDConnect::Discovery::Provider::Config.discover!(ENV.fetch("ISSUER"))
  client = OpenIDConnect::Client.new(identifier: ENV.fetch("CLIENT_ID"), secret: ENV.fetch("CLIENT_SECRET"),
                                     token_endpoint: issuer.token_endpoint)
  client.refresh_token = credentials.refresh_token
  client.access_token!
end

person = nil
app = Rack::Builder.app do
  use Rack::Session::Cookie, secret: SecureRandom.hex(64)
  use OmniAuth::Builder do
    provider :openid_connect,
             name: :issuer, issuer: ENV.fetch("ISSUER"), discovery: true, response_type: :code,
             scope: ENV.fetch("SCOPE").split.map(&:to_sym), prompt: :consent,
             post_logout_redirect_uri: "#{APP_URL}/signed-out",
             client_options: { identifier: ENV.fetch("CLIENT_ID"), secret: ENV.fetch("CLIENT_SECRET"),
                               redirect_uri: "#{APP_URL}/auth/issuer/callback" }
  end
  run(lambda do |env|
    case env["PATH_INFO"]
    when "/login" then redirect("/auth/issuer")
    when "/auth/issuer/callback"
      person = env["omniauth.auth"]
      redirect("/")
    when "/" then person ? answer(200, person.extra.raw_info.to_h.merge(sub: person.uid)) : answer(401, error: "nobody")
    when "/refresh" then answer(200, refreshed: refresh(person.credentials).access_token != person.credentials.token)
    when "/logout"
      person = nil
      redirect("/auth/issuer/logout")
    else answer(404, error: "nothing here")
    end
  end)
end
Rack::Handler::WEBrick.run(app, Host: "127.0.0.1", Port: ENV.fetch("PORT").to_i, AccessLog: [],
                                Logger: WEBrick::Log.new($stderr, WEBrick::BasicLog::WARN))
