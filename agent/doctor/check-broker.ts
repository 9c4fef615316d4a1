import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { failure, type Result, success } from '../../protocol/result.ts';
import { buildDeviceTopics } from '../../protocol/topics.ts';
import { isCertificate } from '../config/check-authority.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import type { BrokerProbeFailure } from '../signaling/broker-fault.ts';
import { BrokerProbe } from '../signaling/broker-probe.ts';
import { brokerEndpointOf } from '../signaling/mqtt-stream.ts';
import { type BrokerRoute, describeFailure, describeUnknownHost } from './broker-advice.ts';
import { checkDeviceTopics, checkRoundTrip, describeForbidden } from './check-broker-topics.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { resolveHost } from './resolve-host.ts';

export interface BrokerCheckContext {
  /** Whose topics are tried; null while there is no device key. */
  deviceId: string | null;
  /** Where browsers reach the same broker (`links.brokerUrl`). With it messages are sent all the way and back. */
  browserUrl?: string;
  /** Its status is then left alone. */
  isAgentRunning?: boolean;
  /** For each step and each answer; 4 s when left out. */
  timeoutMs?: number;
}

/** Long enough for a broker far away or a device with much to do. The first silence ends the check, so few wait for it twice. */
const timeoutDefaultMs = 4_000;
/** A certificate that ends sooner is worth a word; those of Let's Encrypt are renewed 30 days before. */
const certificateWarningDays = 10;
const dayMs = 86_400_000;

const offlineStatus = JSON.stringify({ online: false });

/**
 * Goes the whole way to the broker: name, TCP, TLS, WebSocket, login, the rights to the topics of this device, and with `browserUrl` the
 * way of a browser and a message in both directions. Never throws; ends at the first step that fails.
 */
export async function checkBroker(broker: AgentConfig['broker'], context: BrokerCheckContext): Promise<Finding[]> {
  const { deviceId, browserUrl, isAgentRunning = false, timeoutMs = timeoutDefaultMs } = context;
  const topics = deviceId === null ? null : buildDeviceTopics(broker.topicPrefix, deviceId);
  const { url, username, caFile } = broker;
  const readCertificate = await readCa(caFile);
  if (!readCertificate.ok) return [readCertificate.error];
  const ca = readCertificate.value;
  const route: BrokerRoute = { url, setting: 'broker.url', prefix: 'broker', username, caFile };
  // As the agent does it. Not beside a running one: should this connection be cut off, viewers would take that for offline.
  const will = topics && !isAgentRunning ? { topic: topics.status, payload: offlineStatus } : undefined;
  const device = new BrokerProbe({ broker: { ...broker, ca }, will, timeoutMs });
  const account = browserUrl === undefined ? null : splitAccount(browserUrl);
  // Who runs a private authority has given its certificate to the browsers as well.
  const browserCa = ca && [...rootCertificates, ca].join('\n');
  const browser = account && new BrokerProbe({ broker: { ...account, ca: browserCa }, timeoutMs });
  try {
    const [deviceFindings, browserFindings] = await Promise.all([
      checkRoute(device, route, timeoutMs),
      browser && account
        ? checkRoute(browser, { ...account, setting: 'links.brokerUrl', prefix: 'browser-broker' }, timeoutMs)
        : [],
    ]);
    const findings = [...deviceFindings, ...browserFindings];
    if (!areFine(deviceFindings)) return findings;
    if (topics === null) {
      return [
        ...findings,
        skipped('broker-topics', 'There is no device key yet; the first start of the agent makes it.'),
      ];
    }
    findings.push(...(await checkDeviceTopics({ device, topics, isAgentRunning })));
    if (browser && areFine(findings)) {
      findings.push(...(await checkRoundTrip({ device, browser, topics, isAgentRunning })));
    }
    return findings;
  } finally {
    await Promise.all([device.close(), browser?.close()]);
  }
}

/** Each step that worked is a finding of its own, and so is the one that did not. */
async function checkRoute(probe: BrokerProbe, route: BrokerRoute, timeoutMs: number): Promise<Finding[]> {
  const { url, prefix } = route;
  const { host, port, isTls, isWebSocket } = brokerEndpointOf(url);
  const resolved = await resolveHost(host, timeoutMs);
  if (!resolved.ok) return [describeUnknownHost(route, resolved.error)];
  const failure = await probe.open();
  if (failure?.step === 'tcp') return [describeFailure(route, failure)];
  const findings = [ok(`${prefix}-reachable`, `${host} answers at port ${port}.`, { addresses: resolved.value })];
  if (isTls && failure?.step !== 'tls') findings.push(describeCertificate(probe, host, `${prefix}-tls`));
  if (failure) return [...findings, await describeRefusal(probe, route, failure)];
  const who = route.setting === 'broker.url' ? 'this device' : 'browsers';
  const kind = isWebSocket ? 'MQTT over WebSocket' : 'MQTT';
  return [...findings, ok(`${prefix}-login`, `The broker lets ${who} in (${kind}).`)];
}

/** A broker that does not allow the last will says only that it does not let us in. */
async function describeRefusal(probe: BrokerProbe, route: BrokerRoute, failure: BrokerProbeFailure): Promise<Finding> {
  const { will } = probe.options;
  if (failure.fault !== 'not-authorised' || !will) return describeFailure(route, failure);
  const unwilling = new BrokerProbe({ ...probe.options, will: undefined });
  const isLetIn = (await unwilling.open()) === null;
  await unwilling.close();
  if (!isLetIn) return describeFailure(route, failure);
  return describeForbidden(`write ${will.topic} (retained)`, route.username);
}

function describeCertificate(probe: BrokerProbe, host: string, check: string): Finding {
  const expiresAtMs = probe.certificateExpiresAtMs;
  if (expiresAtMs === null) return ok(check, `The certificate of ${host} is trusted.`);
  const days = Math.floor((expiresAtMs - Date.now()) / dayMs);
  const details = { expiresInDays: days };
  return days < certificateWarningDays
    ? warning(
        check,
        `The certificate of ${host} expires in ${days} days.`,
        'See why the broker does not renew it.',
        details,
      )
    : ok(check, `The certificate of ${host} is trusted, for ${days} days to come.`, details);
}

function areFine(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'failure');
}

/** The account of viewers, where there is one, stands in front of the host. */
function splitAccount(text: string): { url: string; username?: string; password?: string } {
  const url = new URL(text);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '') return { url: url.href };
  return { url: url.href, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

async function readCa(file: string | undefined): Promise<Result<string | undefined, Finding>> {
  if (file === undefined) return success(undefined);
  try {
    const text = await readFile(file, 'utf8');
    // TLS says nothing of a file without one, and trusts nobody.
    if (isCertificate(text)) return success(text);
    const advice = 'Set broker.caFile to a PEM file; it has a line with "BEGIN CERTIFICATE".';
    return failure(failed('broker-tls', `The file ${file} holds no certificate.`, advice, { fault: 'ca-file' }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = 'Correct broker.caFile, or let the user of the agent read it.';
    const message = `The file ${file} cannot be read (${reason}).`;
    return failure(failed('broker-tls', message, advice, { fault: 'ca-file' }));
  }
}
