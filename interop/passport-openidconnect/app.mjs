// passport-openidconnect on express with its default options.
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import { describe } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT } = process.env;
passport.use(new OpenIDConnectStrategy({
  issuer: ISSUER, authorizationURL: `${ISSUER}/authorize`, tokenURL: `${ISSUER}/token`,
  userInfoURL: `${ISSUER}/userinfo`, clientID: CLIENT_ID, clientSecret: CLIENT_SECRET,
  callbackURL: `${APP_URL}/callback`, scope: ['profile', 'email'],
}, (issuer, profile, done) => done(null, {
  sub: profile.id, name: profile.displayName, email: profile.emails?.[0].value,
})));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: CLIENT_SECRET, resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get('/login', passport.authenticate('openidconnect'));
app.get('/callback', passport.authenticate('openidconnect', { successRedirect: '/' }));
app.get('/', (request, response) => response.status(request.user ? 200 : 401).json(request.user ?? {}));
// Four parameters tell express that this one is for errors.
app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  return response.status(500).json({ ...describe(error), inner: error.oauthError?.message ?? error.oauthError?.data });
});
app.listen(Number(PORT), '127.0.0.1');
