// Spring Security's OAuth2 login as its reference shows it: discovery from issuer-uri, the ID token verified against the
// key set, sign-out at the issuer, refresh by the authorized client manager.
package interop;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

@SpringBootApplication
@RestController
public class App {
  private final OAuth2AuthorizedClientManager manager;
  private final OAuth2AuthorizedClientRepository kept;

  App(ClientRegistrationRepository clients, OAuth2AuthorizedClientRepository kept) {
    // A token that expires within the hour is renewed, so that /refresh always does.
    var renewing = new DefaultOAuth2AuthorizedClientManager(clients, kept);
    renewing.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
        .refreshToken(refresh -> refresh.clockSkew(Duration.ofHours(1))).build());
    this.manager = renewing;
    this.kept = kept;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments);
  }

  @Bean
  static SecurityFilterChain chain(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
    var requests = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
    requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce()
        .andThen(request -> request.additionalParameters(parameters -> parameters.put("prompt", "consent"))));
    var logout = new OidcClientInitiatedLogoutSuccessHandler(clients);
    logout.setPostLogoutRedirectUri("{baseUrl}/");
    return http.csrf(csrf -> csrf.disable())
        .oauth2Login(login -> login.loginPage("/login").defaultSuccessUrl("/", true)
            .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(requests))
            .failureHandler((request, response, error) -> refuse(response, error)))
        .logout(leave -> leave.logoutSuccessHandler(logout))
        .build();
  }

  static void refuse(HttpServletResponse response, Exception error) throws java.io.IOException {
    var code = error instanceof OAuth2AuthenticationException known ? known.getError().toString() : "";
    response.setStatus(401);
    response.setContentType("text/plain");
    response.getWriter().print(error.getMessage() + " " + code);
  }

  @GetMapping("/login")
  ResponseEntity<Void> login() {
    return ResponseEntity.status(HttpStatus.FOUND).header("Location", "/oauth2/authorization/issuer").build();
  }

  @GetMapping("/")
  ResponseEntity<Map<String, Object>> home(@AuthenticationPrincipal OidcUser person) {
    return person == null ? ResponseEntity.status(401).build() : ResponseEntity.ok(person.getClaims());
  }

  @GetMapping("/refresh")
  Map<String, Boolean> refresh(OAuth2AuthenticationToken person, HttpServletRequest request,
      HttpServletResponse response) {
    var before = kept.loadAuthorizedClient("issuer", person, request);
    var renewed = manager.authorize(OAuth2AuthorizeRequest.withAuthorizedClient(before).principal(person)
        .attribute(HttpServletRequest.class.getName(), request)
        .attribute(HttpServletResponse.class.getName(), response).build());
    return Map.of("refreshed",
        !renewed.getAccessToken().getTokenValue().equals(before.getAccessToken().getTokenValue()));
  }
}
