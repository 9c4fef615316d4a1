import { BlockList, isIP, isIPv6 } from 'node:net';
import type { AgentConfig } from '../config/config-schema.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import { describeUnresolved, resolveHost } from './resolve-host.ts';

export interface LinksCheckContext {
  /** For each step; 2.5 s when left out. */
  timeoutMs?: number;
}

const timeoutDefaultMs = 2_500;
const pageMaxBytes = 64 * 1024;
/** What `viewer/index.html` has, and no other page. */
const pageMark = '<porthole-app';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What invite links point at: whether a browser would open the page, and let it reach the broker. Never throws. */
export async function checkLinks(links: AgentConfig['links'], context: LinksCheckContext = {}): Promise<Finding[]> {
  return [...checkAddresses(links), await checkPage(links.pageUrl, context.timeoutMs ?? timeoutDefaultMs)];
}

function checkAddresses({ pageUrl, brokerUrl }: AgentConfig['links']): Finding[] {
  const [page, broker] = [new URL(pageUrl), new URL(brokerUrl)];
  // Browsers make an exception for addresses of their own machine (W3C Mixed Content, section 4).
  if (page.protocol === 'https:' && broker.protocol === 'ws:' && !isLoopback(broker)) {
    return [
      failed(
        'links',
        'Browsers refuse it: a page from https:// may not connect to a broker at ws://.',
        'Give the broker TLS and set links.brokerUrl to wss://…, or serve the page from http://.',
        { fault: 'mixed-content' },
      ),
    ];
  }
  const setting = isLoopback(page) ? 'links.pageUrl' : isLoopback(broker) ? 'links.brokerUrl' : null;
  if (setting === null) return [ok('links', 'A browser may go from the page of the links to their broker.')];
  return [
    warning(
      'links',
      `Invite links lead to ${setting === 'links.pageUrl' ? page.host : broker.host}: they work in a browser on this device alone.`,
      `Set ${setting} to an address that viewers reach, or use "porthole up --lan".`,
      { fault: 'loopback', setting },
    ),
  ];
}

async function checkPage(pageUrl: string, timeoutMs: number): Promise<Finding> {
  const { hostname, host } = new URL(pageUrl);
  const name = hostname.replace(/^\[|\]$/g, '');
  const resolved = await resolveHost(name, timeoutMs);
  if (!resolved.ok) {
    return warning('page', describeUnresolved(name, resolved.error), 'Correct links.pageUrl, or the DNS.', {
      fault: 'unresolved',
    });
  }
  try {
    const response = await fetch(pageUrl, { signal: AbortSignal.timeout(timeoutMs) });
    const text = await readStart(response);
    if (!response.ok) return describeWrongPage(`answers with status ${response.status}`);
    return text.includes(pageMark)
      ? ok('page', `The page is served at ${host}.`)
      : describeWrongPage('is another page than that of Porthole');
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return warning(
      'page',
      `The page at ${host} cannot be reached from this device: ${reason || 'no answer'}.`,
      'Start the server of the page, or correct links.pageUrl; where only viewers can reach it, all is well.',
      { fault: 'unreachable', reason },
    );
  }
}

function describeWrongPage(what: string): Finding {
  return warning(
    'page',
    `What links.pageUrl names ${what}.`,
    'Give the address of the folder with the page of Porthole; it ends with "/".',
    { fault: 'wrong-page' },
  );
}

/** As much as the mark needs: what is behind the address may have no end. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  for (let lengthBytes = 0; reader && lengthBytes < pageMaxBytes; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    lengthBytes += value.length;
  }
  await reader?.cancel();
  return Buffer.concat(chunks).toString();
}

function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? host === 'localhost' : loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
