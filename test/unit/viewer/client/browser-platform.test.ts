import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserPlatform } from '../../../../viewer/client/browser-platform.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('supportedCodecs of a browser', () => {
  it('names each video format once, in lower case', () => {
    const codecs = ['video/VP8', 'video/rtx', 'video/H264', 'video/H264'].map((mimeType) => ({ mimeType }));
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs }) });
    expect(browserPlatform.supportedCodecs()).toEqual(['vp8', 'rtx', 'h264']);
  });

  it('are none where the browser has no WebRTC', () => {
    vi.stubGlobal('RTCRtpReceiver', undefined);
    expect(browserPlatform.supportedCodecs()).toEqual([]);
  });
});
