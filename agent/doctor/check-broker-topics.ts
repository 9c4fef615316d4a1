import { randomBytes } from 'node:crypto';
import type { DeviceTopics } from '../../protocol/topics.ts';
import type { BrokerAnswer, BrokerProbe } from '../signaling/broker-probe.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

interface TopicCheckOptions {
  device: BrokerProbe;
  topics: DeviceTopics;
  isAgentRunning: boolean;
}

interface Step {
  /** As in the list of rights of a broker. */
  right: string;
  ask(): Promise<BrokerAnswer>;
}

const sidBytes = 16;
const payload = 'porthole doctor';
const offlineStatus = JSON.stringify({ online: false });

/** The device's own rights as far as the broker tells; some take everything and drop it, which only {@link checkRoundTrip} shows. */
export async function checkDeviceTopics({ device, topics, isAgentRunning }: TopicCheckOptions): Promise<Finding[]> {
  const outTopic = topics.out(drawSid());
  const steps: Step[] = [
    { right: `read ${topics.inFilter}`, ask: () => device.subscribe(topics.inFilter) },
    {
      right: `write ${topics.out('+')}`,
      ask: () => device.publish(outTopic, payload, { isRetained: false }),
    },
  ];
  if (!isAgentRunning) {
    steps.push({
      right: `write ${topics.status} (retained)`,
      ask: () => device.publish(topics.status, offlineStatus, { isRetained: true }),
    });
  }
  const refusal = await findRefusal(steps);
  if (refusal === null) return [ok('broker-topics', 'The broker takes subscription and messages of this device.')];
  const { right, answer } = refusal;
  if (answer === 'silent') {
    const message = 'The broker lets this device in, but does not answer its first request.';
    return [failed('broker-topics', message, 'See the log of the broker.', { right, answer })];
  }
  return [describeForbidden(right, device.options.broker.username)];
}

/** The device may come in, but not do what it came for. */
export function describeForbidden(right: string, username: string | undefined): Finding {
  const advice =
    username === undefined
      ? `Set broker.username and broker.password to a user of the broker who may ${right}.`
      : `Grant "${username}" at the broker: ${right}.`;
  return failed('broker-topics', 'The broker does not let this device use a topic of its own.', advice, { right });
}

/** Sends a message from a browser's connection to the device's, one back, and looks for the retained status. */
export async function checkRoundTrip(options: TopicCheckOptions & { browser: BrokerProbe }): Promise<Finding[]> {
  const { device, browser, topics, isAgentRunning } = options;
  const sid = drawSid();
  const [inTopic, outTopic] = [topics.in(sid), topics.out(sid)];
  const startMs = performance.now();
  const hears = await browser.subscribe(outTopic);
  if (hears !== 'taken') return [describeLost('from the device to a browser', `read ${topics.out('+')}`)];
  await browser.publish(inTopic, payload, { isRetained: false });
  if ((await device.receive(({ topic }) => topic === inTopic)) === null) {
    return [describeLost('from a browser to the device', `write ${topics.inFilter}`)];
  }
  await device.publish(outTopic, payload, { isRetained: false });
  if ((await browser.receive(({ topic }) => topic === outTopic)) === null) {
    return [describeLost('from the device to a browser', `read ${topics.out('+')}`)];
  }
  const roundTripMs = Math.round(performance.now() - startMs);
  const message = `A message reaches the device from a browser, and another comes back (${roundTripMs} ms).`;
  return [
    ok('browser-broker-topics', message, { roundTripMs }),
    await checkStatus(browser, topics.status, isAgentRunning),
  ];
}

async function checkStatus(browser: BrokerProbe, topic: string, isAgentRunning: boolean): Promise<Finding> {
  await browser.subscribe(topic);
  const status = await browser.receive((message) => message.topic === topic);
  if (status === null) {
    // Viewers do without it: they send their hello all the same.
    return warning(
      'broker-status',
      'The broker does not keep the status of this device.',
      'Allow retained messages at the broker, or pages will open more slowly and cannot tell that the device is off.',
    );
  }
  const isOnline = status.payload.includes('"online":true');
  if (isAgentRunning && !isOnline) {
    return warning(
      'broker-status',
      'An agent runs here, but its status at this broker is "offline".',
      'Wait half a minute and ask again; then see its log, and whether it has the same configuration.',
    );
  }
  return ok('broker-status', `The broker keeps the status of this device: ${isOnline ? 'online' : 'offline'}.`);
}

async function findRefusal(steps: readonly Step[]): Promise<{ right: string; answer: BrokerAnswer } | null> {
  for (const { right, ask } of steps) {
    const answer = await ask();
    if (answer !== 'taken') return { right, answer };
  }
  return null;
}

function describeLost(way: string, right: string): Finding {
  return failed(
    'browser-broker-topics',
    `A message ${way} is lost at the broker.`,
    `Check that links.brokerUrl is the broker of broker.url, and that viewers may ${right} there.`,
    { right },
  );
}

function drawSid(): string {
  return randomBytes(sidBytes).toString('base64url');
}
