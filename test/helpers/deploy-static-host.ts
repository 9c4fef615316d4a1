import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const builtPage = fileURLToPath(new URL('../../dist/page', import.meta.url));

const contentTypes: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** A host of static files that sends no headers of its own and has the page below a path, as GitHub Pages does. Ends with the test. */
export async function startStaticHost(path: `/${string}/`): Promise<{ pageUrl: string; missing: string[] }> {
  const missing: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const name = pathname.startsWith(path) ? pathname.slice(path.length) || 'index.html' : null;
    const body = name === null ? null : await readFile(join(builtPage, name)).catch(() => null);
    if (!body) missing.push(pathname);
    const contentType = contentTypes[extname(name ?? '')] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, { 'Content-Type': contentType }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { pageUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, missing };
}
