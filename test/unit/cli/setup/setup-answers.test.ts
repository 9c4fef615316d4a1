import { describe, expect, it } from 'vitest';
import { describeFormats, listCameras } from '../../../../cli/setup/agent-checks.ts';
import { nextSteps } from '../../../../cli/setup/next-steps.ts';
import { guessLinks } from '../../../../cli/setup/setup-answers.ts';

describe('guessLinks', () => {
  it.each([
    ['mqtt://10.0.0.5', 'http://10.0.0.5:8080/', 'ws://10.0.0.5:8080/mqtt'],
    ['mqtts://b.example:8883', 'https://b.example/', 'wss://b.example/mqtt'],
    ['wss://b.example:8084/mqtt', 'https://b.example:8084/', 'wss://b.example:8084/mqtt'],
  ])('%s', (brokerUrl, pageUrl, linksBrokerUrl) => {
    expect(guessLinks(brokerUrl)).toEqual({ pageUrl, linksBrokerUrl });
  });
});

describe('nextSteps', () => {
  const service = '/etc/porthole/porthole.yaml';

  it('restarts the service whose configuration it is', () => {
    const options = { file: service, defaultFile: service, hasService: true };
    expect(nextSteps({ ...options, isRoot: true })[0]).toBe('systemctl restart porthole');
    expect(nextSteps({ ...options, isRoot: false })[1]).toBe('sudo porthole invite --role control');
  });

  it('names the configuration where the agent would not find it', () => {
    const options = { defaultFile: service, hasService: true, isRoot: false };
    expect(nextSteps({ ...options, file: '/tmp/a b.yaml' })[0]).toBe("porthole agent --config '/tmp/a b.yaml'");
    expect(nextSteps({ file: '/x.yaml', defaultFile: '/x.yaml', hasService: false, isRoot: true })).toEqual([
      'porthole agent',
      'porthole invite --role control',
    ]);
  });
});

describe('listCameras', () => {
  it('has those that the kernel offers before those on the CSI connector', async () => {
    const find = {
      findV4l2: async () => [{ devicePath: '/dev/video0', name: 'Webcam' }],
      findRpicam: async () => [{ source: 'rpicam:0', name: 'imx708' }],
    };
    expect(await listCameras(null, find)).toEqual([
      { source: '/dev/video0', name: 'Webcam', formats: '' },
      { source: 'rpicam:0', name: 'imx708', formats: '' },
    ]);
  });
});

describe('describeFormats', () => {
  it('tells the largest size of each form', () => {
    const sizes = [
      { width: [640, 640], height: [480, 480] },
      { width: [1920, 1920], height: [1080, 1080] },
    ] as const;
    expect(describeFormats([{ name: 'mjpeg', isCompressed: true, sizes }])).toBe('mjpeg up to 1920x1080');
  });
});
