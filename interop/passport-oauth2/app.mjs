// passport-oauth2 on express: its defaults, or state and PKCE with STRICT. The profile comes from userinfo, as in every
// strategy that is built on it.
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { describe } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT, SCOPE, STRICT } = process.env;
const strategy = new OAuth2Strategy({
  authorizationURL: `${ISSUER}/authorize`, tokenURL: `${ISSUER}/token`, clientID: CLIENT_ID,
  clientSecret: CLIENT_SECRET, callbackURL: `${APP_URL}/callback`, scope: SCOPE.split(' '),
  ...(STRICT && { state: true, pkce: true }),
}, (accessToken, refreshToken, profile, done) => done(null, profile));
strategy.userProfile = function (accessToken, done) {
  this._oauth2.useAuthorizationHeaderforGET(true);
  this._oauth2.get(`${ISSUER}/userinfo`, accessToken, (error, body) => {
    done(error, error ? undefined : JSON.parse(body));
  });
};
passport.use(strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: CLIENT_SECRET, resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get('/login', passport.authenticate('oauth2'));
app.get('/callback', passport.authenticate('oauth2', { successRedirect: '/' }));
app.get('/', (request, response) => response.status(request.user ? 200 : 401).json(request.user ?? {}));
// Four parameters tell express that this one is for errors.
app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  return response.status(500).json({ ...describe(error), inner: error.oauthError?.message ?? error.oauthError?.data });
});
app.listen(Number(PORT), '127.0.0.1');
