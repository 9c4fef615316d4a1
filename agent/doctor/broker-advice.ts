import type { BrokerProbeFailure } from '../signaling/broker-fault.ts';
import { brokerEndpointOf } from '../signaling/mqtt-stream.ts';
import { type Finding, failed } from './finding.ts';
import { describeUnresolved, type ResolveFault } from './resolve-host.ts';

/** One of the two ways to the broker. */
export interface BrokerRoute {
  /** Without credentials. */
  url: string;
  /** Where the URL comes from. */
  setting: 'broker.url' | 'links.brokerUrl';
  /** What the names of its checks begin with. */
  prefix: 'broker' | 'browser-broker';
  username?: string;
  /** Of a private authority, where one is set (`broker.caFile`). */
  caFile?: string;
}

export function describeUnknownHost({ url, setting, prefix }: BrokerRoute, fault: ResolveFault): Finding {
  const { host } = brokerEndpointOf(url);
  const message = describeUnresolved(host, fault);
  return failed(`${prefix}-reachable`, message, `Correct ${setting}, or the DNS of this network.`, { url, fault });
}

/** One sentence of what is wrong, one of what to do. */
export function describeFailure(route: BrokerRoute, failure: BrokerProbeFailure): Finding {
  const { part, message, advice } = sentencesFor(route, failure);
  const { fault, reason } = failure;
  return failed(`${route.prefix}-${part}`, message, advice, { url: route.url, fault, reason });
}

interface Sentences {
  part: 'reachable' | 'tls' | 'websocket' | 'login';
  message: string;
  advice: string;
}

function sentencesFor(route: BrokerRoute, { step, fault, reason }: BrokerProbeFailure): Sentences {
  const { url, setting } = route;
  const { host, port, isWebSocket } = brokerEndpointOf(url);
  const part = step === 'tcp' ? 'reachable' : step;
  const at = `${host}, port ${port}`;
  switch (fault) {
    case 'refused':
      return {
        part: 'reachable',
        message: `Nothing listens at ${at}.`,
        advice: `Start the broker, or correct ${setting}; "porthole setup" asks for it.`,
      };
    case 'no-route':
      return {
        part: 'reachable',
        message: `There is no way to ${at} from here.`,
        advice: 'Connect this device to the network of the broker.',
      };
    case 'unknown-authority':
      return distrust(route, host);
    case 'certificate-expired':
      return {
        part: 'tls',
        message: `The certificate of ${host} has expired.`,
        advice: 'Renew it at the broker; if it is valid, set the clock of this device.',
      };
    case 'certificate-not-yet-valid':
      return {
        part: 'tls',
        message: `The certificate of ${host} is not valid yet.`,
        advice: 'Set the clock of this device: "timedatectl set-ntp true".',
      };
    case 'wrong-host':
      return {
        part: 'tls',
        message: `The certificate at ${at} is made out to another name.`,
        advice: `Use the name of the certificate in ${setting}, or get one for ${host}.`,
      };
    case 'not-tls':
      return {
        part: 'tls',
        message: `What listens at ${at} does not speak TLS.`,
        advice: `Give the TLS port of the broker in ${setting} (often 8883), or begin it with ${isWebSocket ? 'ws' : 'mqtt'}://.`,
      };
    case 'not-websocket':
      return {
        part: 'websocket',
        message: `${url} is no MQTT over WebSocket (${reason}).`,
        advice: `Correct port and path in ${setting}; many brokers have it at /mqtt.`,
      };
    case 'not-mqtt':
      return {
        part: 'login',
        message: `What listens at ${at} does not speak MQTT.`,
        advice: `Correct the port in ${setting}; brokers have 1883 for MQTT and 8883 for MQTT over TLS.`,
      };
    case 'bad-credentials':
    case 'not-authorised':
      return refusal(route);
    case 'server-unavailable':
      return {
        part: 'login',
        message: 'The broker is there, but takes no more clients now.',
        advice: 'Try again later, or raise the limit of clients at the broker.',
      };
    case 'silent':
    case 'closed':
      return silence(part, { at, fault, setting });
    case 'other':
      return {
        part,
        message: `The connection to ${at} fails: ${reason}.`,
        advice: `Check ${setting} and the log of the broker.`,
      };
  }
}

function distrust({ setting, caFile }: BrokerRoute, host: string): Sentences {
  const part = 'tls';
  if (setting === 'links.brokerUrl') {
    return {
      part,
      message: `Nobody whom browsers trust has signed the certificate of ${host}.`,
      advice: 'Give the broker a certificate that browsers trust, for example of Let’s Encrypt.',
    };
  }
  return caFile === undefined
    ? {
        part,
        message: `Nobody whom this device trusts has signed the certificate of ${host}.`,
        advice: "Set broker.caFile to the certificate of the broker's authority.",
      }
    : {
        part,
        message: `The authority in ${caFile} has not signed the certificate of ${host}.`,
        advice: 'Correct broker.caFile, or remove it where the certificate is one that everybody trusts.',
      };
}

/** Most brokers answer like this to a wrong password too (return code 5 in place of 4). */
function refusal({ setting, username }: BrokerRoute): Sentences {
  const part = 'login';
  if (setting === 'links.brokerUrl') {
    return username === undefined
      ? {
          part,
          message: 'The broker lets no browser in that has no account.',
          advice:
            'Put the account of viewers into links.brokerUrl (wss://NAME:PASSWORD@HOST), or allow anonymous clients.',
        }
      : {
          part,
          message: `The broker does not accept the account "${username}" of browsers.`,
          advice: 'Correct name and password in links.brokerUrl, or set the password at the broker.',
        };
  }
  return username === undefined
    ? {
        part,
        message: 'The broker lets nobody in who has no password.',
        advice: 'Set broker.username and broker.password (or passwordFile).',
      }
    : {
        part,
        message: `The broker does not accept the user "${username}" with its password.`,
        advice: 'Correct broker.username and broker.password (or passwordFile), or set the password at the broker.',
      };
}

function silence(
  part: Sentences['part'],
  { at, fault, setting }: { at: string; fault: 'silent' | 'closed'; setting: string },
): Sentences {
  if (part === 'reachable') {
    return {
      part,
      message: `${at} does not answer.`,
      advice: 'Check that it is switched on and that no firewall is in between.',
    };
  }
  const what = part === 'tls' ? 'TLS' : 'MQTT';
  return {
    part,
    message: `What listens at ${at} ${fault === 'silent' ? 'does not answer' : 'hangs up on'} ${what}.`,
    advice: `Check port and scheme in ${setting}: mqtt, mqtts, ws and wss have a port each.`,
  };
}
