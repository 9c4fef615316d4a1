import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import type { Logger } from './logger.ts';
import { parsePagePath } from './page-path.ts';
import { securityHeadersFor } from './security-headers.ts';

interface PageFile {
  body: Buffer;
  contentType: string;
  cacheControl: string;
  etag: string;
}

/** A file is read whole; the page's largest is far below this. */
const fileMaxBytes = 8 * 1024 * 1024;

const contentTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/** Serves the files of one folder to GET and HEAD, and nothing else. */
export class StaticPage {
  private readonly pageDir: string | undefined;
  private readonly logger: Logger;

  /** @param pageDir the built page; without one every request is answered with 404 */
  constructor(options: { pageDir: string | undefined; logger: Logger }) {
    this.pageDir = options.pageDir;
    this.logger = options.logger;
  }

  /** Answers one request. Never throws. */
  async handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away in the middle is no news.
    response.on('error', () => {});
    try {
      await this.respond(request, response);
    } catch (error) {
      this.logger.error({ error }, 'the page could not be served');
      sendText(request, response, 500, 'Internal error');
    }
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // A body may follow that nobody reads, so the connection is of no further use.
      response.setHeader('Connection', 'close');
      response.setHeader('Allow', 'GET, HEAD');
      return sendText(request, response, 405, 'Method not allowed');
    }
    // RFC 9112 section 3.2.
    const isHostMissing = request.httpVersion === '1.1' && request.headers.host === undefined;
    const path = parsePagePath(request.url ?? '');
    if (isHostMissing || (!path.ok && path.error === 'malformed'))
      return sendText(request, response, 400, 'Bad request');
    const file = path.ok && this.pageDir !== undefined ? await readPageFile(this.pageDir, path.value) : null;
    if (file === null) return sendText(request, response, 404, 'Not found');
    sendFile(request, response, file);
  }
}

/** A short plain answer with the headers that every answer has. */
function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    ...securityHeadersFor(request),
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

/** Node leaves the body out for HEAD and 304 by itself. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const isKnown = request.headers['if-none-match']?.split(/\s*,\s*/).includes(file.etag) ?? false;
  response.writeHead(isKnown ? 304 : 200, {
    ...securityHeadersFor(request),
    'Content-Type': file.contentType,
    'Cache-Control': file.cacheControl,
    ETag: file.etag,
    ...(isKnown ? {} : { 'Content-Length': file.body.length }),
  });
  response.end(isKnown ? undefined : file.body);
}

/** @param path from `parsePagePath`. @returns null when there is no such file, or a link leads out of the folder */
async function readPageFile(pageDir: string, path: string): Promise<PageFile | null> {
  const body = await readWithin(pageDir, path);
  if (body === null) return null;
  return {
    body,
    contentType: contentTypes.get(extname(path).toLowerCase()) ?? 'application/octet-stream',
    // The build puts a hash of the content into the names below assets/.
    cacheControl: path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    // Of the content and not of size and date: npm gives every packed file the same date.
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}

async function readWithin(folder: string, path: string): Promise<Buffer | null> {
  try {
    const root = await realpath(folder);
    const real = await realpath(join(root, path));
    if (!real.startsWith(root + sep)) return null;
    const file = await open(real);
    try {
      const status = await file.stat();
      return status.isFile() && status.size <= fileMaxBytes ? await file.readFile() : null;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
