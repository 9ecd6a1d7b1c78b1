// The little web server of the Node clients that bring none: one function for each path. It gives a URL to redirect
// to, an object to show as JSON, or nothing for "nobody is signed in"; what it throws is shown as the client's error.
import http from 'node:http';

const { APP_URL, PORT } = process.env;

export function serve(routes) {
  http.createServer(answers(routes)).listen(Number(PORT), '127.0.0.1');
}

// The same as a function of request and response, for apps that have a server of their own.
export function answers(routes) {
  return async (request, response) => {
    const url = new URL(request.url, APP_URL);
    const parts = [];
    for await (const part of request) parts.push(part);
    try {
      const answer = await routes[url.pathname]?.(url, Buffer.concat(parts).toString(), request);
      if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end();
      else if (answer) show(response, 200, answer);
      else show(response, routes[url.pathname] ? 401 : 404, { error: 'nobody is signed in' });
    } catch (error) {
      show(response, 500, describe(error));
    }
  };
}

function show(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

// An error with its cause, as the client library put it.
export function describe(error) {
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { error: `${error.name}: ${error.message}`, code: error.code, cause };
}
