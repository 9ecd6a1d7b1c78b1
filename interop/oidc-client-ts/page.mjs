// The single-page app: oidc-client-ts with its defaults, and the result of each path in #result.
import { settings } from '/settings.mjs';

const { UserManager, WebStorageStateStore } = globalThis.oidc;
const manager = new UserManager({
  ...settings,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  silent_redirect_uri: `${location.origin}/silent`,
  userStore: new WebStorageStateStore({ store: localStorage }),
});

const paths = {
  '/login': () => manager.signinRedirect(),
  async '/callback'() {
    await manager.signinRedirectCallback();
    location.replace('/');
  },
  '/silent': () => manager.signinSilentCallback(),
  async '/'() {
    const user = await manager.getUser();
    return show(user ? 200 : 401, user?.profile ?? { error: 'nobody is signed in' });
  },
  async '/refresh'() {
    const before = (await manager.getUser()).access_token;
    const { access_token } = await manager.signinSilent();
    return show(200, { refreshed: access_token !== before });
  },
  '/logout': () => manager.signoutRedirect(),
};

function show(status, value) {
  const result = document.createElement('pre');
  result.id = 'result';
  result.dataset.status = status;
  result.textContent = JSON.stringify(value);
  document.body.append(result);
}

try {
  await paths[location.pathname]();
} catch (error) {
  show(500, { error: `${error.name}: ${error.message}` });
}
