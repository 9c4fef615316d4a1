import { cp, mkdir } from 'node:fs/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { securityHeaders } from '../../../broker/security-headers.ts';
import { AgentBench } from '../../helpers/agent-bench.ts';
import { DeployFolder, DeployProgram, findFreePorts, findProgram } from '../../helpers/deploy-program.ts';
import { builtPage, startStaticHost } from '../../helpers/deploy-static-host.ts';
import { openBrowser, ViewerPage } from '../../helpers/e2e/browser.ts';
import { endAll } from '../../helpers/e2e/command.ts';

afterEach(endAll);

describe('the page on a static host', () => {
  it('works below any path and without a header from the host', async () => {
    const { pageUrl, missing } = await startStaticHost('/someone/porthole/');
    const bench = await AgentBench.start();
    const link = (await bench.invite()).replace(/^[^#]*/, pageUrl);
    const viewer = await ViewerPage.open(await openBrowser(), link);
    await viewer.untilState('connected');
    await viewer.untilMoved(300);
    expect(viewer.page.url()).toMatch(`${pageUrl}#`.slice(0, -1));
    expect(missing).toEqual([]);
    expect(viewer.problems).toEqual([]);
  });
});

describe.each([
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const)('the page on %s with the shipped file', (name, start) => {
  it.runIf(findProgram(name))('is sent with the headers of the embedded server', async () => {
    const url = await start();
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<porthole-app>');
    const missing = await fetch(`${url}nothing.js`);
    expect(missing.status).toBe(404);
    for (const [header, value] of Object.entries(securityHeaders)) {
      expect([header, page.headers.get(header)]).toEqual([header, value]);
      expect([header, missing.headers.get(header)]).toEqual([header, value]);
    }
  });
});

/** The page where the daemon may read it, and a port to serve it at. */
async function prepare() {
  const folder = await DeployFolder.create();
  onTestFinished(() => folder.remove());
  const root = folder.in('page');
  await mkdir(root);
  await cp(builtPage, root, { recursive: true });
  const [port] = (await findFreePorts(1)) as [number];
  return { folder, root, port, url: `http://127.0.0.1:${port}/` };
}

async function startNginx(): Promise<string> {
  const { folder, root, port, url } = await prepare();
  const site = await folder.copy('static-page/nginx.conf', 'site.conf', {
    'listen 443 ssl;': `listen 127.0.0.1:${port};`,
    '  listen [::]:443 ssl;\n': '',
    '  ssl_certificate /etc/letsencrypt/live/page.example/fullchain.pem;\n': '',
    '  ssl_certificate_key /etc/letsencrypt/live/page.example/privkey.pem;\n': '',
    '/var/www/porthole': root,
  });
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder.in(name)};`,
  );
  const directives = [
    'daemon off;',
    `pid ${folder.in('pid')};`,
    'events {}',
    `http { access_log off; types { text/html html; text/javascript js; } ${folders.join(' ')} include ${site}; }`,
  ];
  const main = await folder.write('nginx.conf', directives.join('\n'));
  const program = new DeployProgram('nginx', ['-e', 'stderr', '-c', main]);
  onTestFinished(() => program.stop());
  await program.untilListening([port]);
  return url;
}

async function startCaddy(): Promise<string> {
  const { folder, root, port, url } = await prepare();
  const config = await folder.copy('static-page/Caddyfile', 'Caddyfile', {
    'page.example {': `http://127.0.0.1:${port} {`,
    '/var/www/porthole': root,
  });
  const env = {
    HOME: folder.path,
    CADDY_ADMIN: 'off',
    XDG_DATA_HOME: folder.in('data'),
    XDG_CONFIG_HOME: folder.in('config'),
  };
  const program = new DeployProgram('caddy', ['run', '--adapter', 'caddyfile', '--config', config], env);
  onTestFinished(() => program.stop());
  await program.untilListening([port]);
  return url;
}
