// openidconnect-rs as its documentation shows it: discovery, code flow with PKCE and nonce, the ID token verified against
// the key set, userinfo, refresh, sign-out. The web server is the smallest that a browser understands.
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AccessToken, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    TokenResponse,
};
use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

enum Answer {
    Redirect(String),
    Show(String),
    Nobody,
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

// An error with all its causes.
fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}

// The HTTP client that the library is given: curl, told of the run's own authority.
fn call(request: HttpRequest) -> Result<HttpResponse, curl::Error> {
    let mut easy = curl::easy::Easy::new();
    easy.url(&request.uri().to_string())?;
    easy.cainfo(variable("CA_FILE"))?;
    let mut headers = curl::easy::List::new();
    for (name, value) in request.headers() {
        headers.append(&format!("{name}: {}", value.to_str().expect("a header of ours is text")))?;
    }
    easy.http_headers(headers)?;
    if request.method() == openidconnect::http::Method::POST {
        easy.post(true)?;
        easy.post_fields_copy(request.body())?;
    }
    let mut body = Vec::new();
    let mut transfer = easy.transfer();
    transfer.write_function(|part| {
        body.extend_from_slice(part);
        Ok(part.len())
    })?;
    transfer.perform()?;
    drop(transfer);
    let mut response = openidconnect::http::Response::builder().status(easy.response_code()? as u16);
    if let Some(kind) = easy.content_type()? {
        response = response.header("content-type", kind);
    }
    Ok(response.body(body).expect("curl gave a whole answer"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let app_url = variable("APP_URL");
    let http = call;
    let metadata = ProviderMetadataWithLogout::discover(&IssuerUrl::new(variable("ISSUER"))?, &http)?;
    let end_session = metadata.additional_metadata().end_session_endpoint.clone().ok_or("no end_session_endpoint")?;
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(variable("CLIENT_ID")),
        Some(ClientSecret::new(variable("CLIENT_SECRET"))),
    )
    .set_redirect_uri(RedirectUrl::new(format!("{app_url}/callback"))?);

    let mut pending = None;
    let mut session = None;
    serve(|path, query| match path {
        "/login" => {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            let (url, state, nonce) = client
                .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
                .add_scopes(variable("SCOPE").split(' ').filter(|it| *it != "openid").map(|it| Scope::new(it.into())))
                .add_prompt(CoreAuthPrompt::Consent)
                .set_pkce_challenge(challenge)
                .url();
            pending = Some((state, nonce, verifier));
            Ok(Answer::Redirect(url.into()))
        }
        "/callback" => {
            let (state, nonce, verifier) = pending.take().ok_or("no sign-in is under way")?;
            if query.get("state") != Some(state.secret()) {
                return Err("another state".into());
            }
            let code = AuthorizationCode::new(query.get("code").ok_or("no code")?.clone());
            let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&http)?;
            let id_token = tokens.id_token().ok_or("no ID token")?.clone();
            let claims = id_token.claims(&client.id_token_verifier(), &nonce)?.clone();
            let refresh = tokens.refresh_token().ok_or("no refresh token")?.clone();
            session = Some((id_token, claims, tokens.access_token().clone(), refresh));
            Ok(Answer::Redirect("/".into()))
        }
        "/" => match &session {
            None => Ok(Answer::Nobody),
            Some((_, claims, access, _)) => {
                let subject = claims.subject().clone();
                let _: openidconnect::core::CoreUserInfoClaims =
                    client.user_info(AccessToken::new(access.secret().clone()), Some(subject))?.request(&http)?;
                Ok(Answer::Show(serde_json::to_string(claims)?))
            }
        },
        "/refresh" => {
            let (_, _, access, refresh) = session.as_mut().ok_or("nobody is signed in")?;
            let renewed = client.exchange_refresh_token(refresh)?.request(&http)?;
            let changed = renewed.access_token().secret() != access.secret();
            *access = renewed.access_token().clone();
            Ok(Answer::Show(format!("{{\"refreshed\": {changed}}}")))
        }
        "/logout" => {
            let (id_token, ..) = session.take().ok_or("nobody is signed in")?;
            let url = LogoutRequest::from(end_session.clone())
                .set_id_token_hint(&id_token)
                .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(format!("{app_url}/"))?)
                .http_get_url();
            Ok(Answer::Redirect(url.into()))
        }
        _ => Ok(Answer::Nobody),
    })
}

// One request after the other; each connection serves one.
fn serve(
    mut route: impl FnMut(&str, &HashMap<String, String>) -> Result<Answer, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(format!("127.0.0.1:{}", variable("PORT")))?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let Some(Ok(first)) = lines.next() else { continue };
        for line in lines.by_ref() {
            if line?.is_empty() {
                break;
            }
        }
        let target = url::Url::parse("http://localhost")?.join(first.split(' ').nth(1).unwrap_or("/"))?;
        let query = target.query_pairs().into_owned().collect();
        let (status, location, body) = match route(target.path(), &query) {
            Ok(Answer::Redirect(url)) => ("302 Found", format!("Location: {url}\r\n"), String::new()),
            Ok(Answer::Show(body)) => ("200 OK", String::new(), body),
            Ok(Answer::Nobody) => ("401 Unauthorized", String::new(), "{}".to_string()),
            Err(error) => {
                let body = serde_json::json!({ "error": describe(error.as_ref()) }).to_string();
                ("500 Internal Server Error", String::new(), body)
            }
        };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\n{location}Content-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )?;
    }
    Ok(())
}
