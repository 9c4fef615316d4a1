import type { ConfigChange } from '../../agent/config/config-editor.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';

/** What `porthole setup` settles. */
export interface SetupAnswers {
  name: string;
  brokerUrl: string;
  username?: string;
  /** Left out: the one that is there stays. */
  password?: string;
  caFile?: string;
  pageUrl: string;
  linksBrokerUrl: string;
  /** Source of the first camera; left out: what is there stays, or the first camera found at each start. */
  camera?: string;
}

/** What is in force already, or follows from the address of the broker. */
export function answersFrom(config: AgentConfig): SetupAnswers {
  const { name, broker, links, cameras } = config;
  return {
    name,
    brokerUrl: broker.url,
    ...(broker.username !== undefined && { username: broker.username }),
    ...(broker.caFile !== undefined && { caFile: broker.caFile }),
    pageUrl: links.pageUrl,
    linksBrokerUrl: links.brokerUrl,
    ...(cameras[0] && { camera: cameras[0].source }),
  };
}

/**
 * Where browsers most likely find page and broker, when the agent finds the broker at `brokerUrl`: at the ports of
 * `porthole broker` on a network without TLS, else at those of a web server in front of both.
 *
 * @param brokerUrl a valid one
 */
export function guessLinks(brokerUrl: string): Pick<SetupAnswers, 'pageUrl' | 'linksBrokerUrl'> {
  const { protocol, hostname, host } = new URL(brokerUrl);
  if (protocol === 'ws:' || protocol === 'wss:') {
    return { pageUrl: `${protocol === 'ws:' ? 'http' : 'https'}://${host}/`, linksBrokerUrl: brokerUrl };
  }
  return protocol === 'mqtts:'
    ? { pageUrl: `https://${hostname}/`, linksBrokerUrl: `wss://${hostname}/mqtt` }
    : { pageUrl: `http://${hostname}:8080/`, linksBrokerUrl: `ws://${hostname}:8080/mqtt` };
}

/** Account and authority of the broker that would be in force, over those of the configuration that is; both can go away. */
export function withAccount(config: AgentConfig, { username, password, caFile }: SetupAnswers): AgentConfig {
  const { broker } = config;
  const usedPassword = username === undefined ? undefined : (password ?? broker.password);
  return { ...config, broker: { ...broker, username, password: usedPassword, caFile } };
}

/** The other settings that would be in force. Nested like the configuration itself. */
export function settingsFrom(answers: SetupAnswers, current: AgentConfig): Record<string, unknown> {
  const { name, brokerUrl, caFile, pageUrl, linksBrokerUrl, camera } = answers;
  const [first, ...others] = current.cameras;
  return {
    name,
    broker: { url: brokerUrl, caFile },
    links: { pageUrl, brokerUrl: linksBrokerUrl },
    cameras: camera === undefined ? undefined : [{ ...first, source: camera }, ...others],
  };
}

/** What to write into the file. A new password goes into a file of its own, and without a user name there is none. */
export function changesFrom(answers: SetupAnswers): ConfigChange[] {
  const { name, brokerUrl, username, password, caFile, pageUrl, linksBrokerUrl, camera } = answers;
  return [
    { path: ['name'], value: name },
    { path: ['broker', 'url'], value: brokerUrl },
    { path: ['broker', 'username'], value: username },
    { path: ['broker', 'caFile'], value: caFile },
    ...(password === undefined && username !== undefined
      ? []
      : [
          { path: ['broker', 'password'], value: undefined },
          { path: ['broker', 'passwordFile'], value: undefined },
        ]),
    { path: ['links', 'pageUrl'], value: pageUrl },
    { path: ['links', 'brokerUrl'], value: linksBrokerUrl },
    ...(camera === undefined ? [] : [{ path: ['cameras', 0, 'source'], value: camera }]),
  ];
}
