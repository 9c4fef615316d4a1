import type { IncomingMessage } from 'node:http';

/**
 * What the page may do. It runs its own scripts and styles only; `connect-src` names no host because the link decides which
 * broker the page talks to, and what it says there is sealed.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob: mediastream:",
  "manifest-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** The headers of every HTTP answer, refusals included; of the page over https all of them. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  // The address of a link holds an invite in its fragment; that is never sent, and the rest need not be either.
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(self), fullscreen=(self)',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/**
 * {@link securityHeaders} for one request. Browsers isolate only what comes from this machine or over https (here: from a proxy in front that
 * says so), and complain on the console where they are asked to isolate anything else.
 */
export function securityHeadersFor(request: IncomingMessage): Readonly<Record<string, string>> {
  const isSecure = request.headers['x-forwarded-proto'] === 'https';
  if (isSecure || isLoopback(request.headers.host ?? '')) return securityHeaders;
  const { 'Cross-Origin-Opener-Policy': _, ...others } = securityHeaders;
  return others;
}

/** As browsers tell what is "potentially trustworthy" (W3C Secure Contexts, 3.1). */
function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return /^(.+\.)?localhost$/.test(name) || /^127(\.\d{1,3}){3}$/.test(name) || name === '[::1]';
}
