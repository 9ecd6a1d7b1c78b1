// What Auth.js and next-auth do in the browser to begin a sign-in: fetch the anti-forgery value, post it, go where the
// answer says. Here the app asks itself, and hands cookies and redirect on to the person's browser.
export async function beginSignIn(base, provider, response) {
  const jar = new Map();
  const keep = (answer) => {
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), { pair, line });
    }
    return answer;
  };
  const token = await keep(await fetch(`${base}/csrf`)).json();
  const answer = keep(await fetch(`${base}/signin/${provider}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: [...jar.values()].map(({ pair }) => pair).join('; '),
    },
    body: new URLSearchParams({ csrfToken: token.csrfToken, callbackUrl: process.env.APP_URL }),
  }));
  response.setHeader('set-cookie', [...jar.values()].map(({ line }) => line));
  response.writeHead(answer.status, { location: answer.headers.get('location') ?? '' }).end(await answer.text());
}
