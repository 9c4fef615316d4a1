import { describe, expect, it } from 'vitest';
import { countersFrom } from '../../../../viewer/client/browser-platform.ts';

/** What Chromium reports about a session with one camera, cut down to entries that could be confused with one another. */
const entries: { id: string; type: string; [key: string]: unknown }[] = [
  { id: 'CIT01_102', type: 'codec', mimeType: 'video/H264', payloadType: 102, clockRate: 90_000 },
  { id: 'CIT01_111', type: 'codec', mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000 },
  {
    id: 'IT01V1234',
    type: 'inbound-rtp',
    kind: 'video',
    mid: 'v0',
    codecId: 'CIT01_102',
    framesDecoded: 300,
    bytesReceived: 2_500_000,
    packetsReceived: 2_100,
    packetsLost: 7,
    jitterBufferDelay: 1.5,
    jitterBufferEmittedCount: 300,
    freezeCount: 1,
    frameWidth: 1280,
    frameHeight: 720,
  },
  { id: 'IT01A5678', type: 'inbound-rtp', kind: 'audio', packetsReceived: 500, bytesReceived: 40_000, packetsLost: 3 },
  { id: 'OT01V9', type: 'outbound-rtp', kind: 'video', bytesSent: 1, frameWidth: 1920, frameHeight: 1080 },
  {
    id: 'CPunused',
    type: 'candidate-pair',
    localCandidateId: 'Irelay',
    remoteCandidateId: 'Ihost',
    state: 'succeeded',
  },
  { id: 'CPused', type: 'candidate-pair', localCandidateId: 'Iprflx', remoteCandidateId: 'Ihost', state: 'succeeded' },
  { id: 'Iprflx', type: 'local-candidate', candidateType: 'prflx' },
  { id: 'Irelay', type: 'local-candidate', candidateType: 'relay' },
  { id: 'Ihost', type: 'remote-candidate', candidateType: 'host' },
  { id: 'T01', type: 'transport', selectedCandidatePairId: 'CPused', dtlsState: 'connected' },
];

function reportOf(list: typeof entries): RTCStatsReport {
  return new Map(list.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
}

describe('countersFrom', () => {
  it('finds video and path among everything else', () => {
    const totals = {
      framesDecoded: 300,
      bytesReceived: 2_500_000,
      packetsReceived: 2_100,
      packetsLost: 7,
      jitterBufferDelayMs: 1_500,
      jitterBufferFrames: 300,
      freezeCount: 1,
    };
    expect(countersFrom(reportOf(entries), new Map())).toEqual({
      ...totals,
      lines: [{ mid: 'v0', ...totals, width: 1280, height: 720, codec: 'H264' }],
      localCandidate: 'prflx',
      remoteCandidate: 'host',
    });
  });

  it('adds up several cameras, and keeps each apart, by its track where the browser does not tell the line', () => {
    const small = {
      id: 'IT01V2',
      trackIdentifier: 'small',
      type: 'inbound-rtp',
      kind: 'video',
      framesDecoded: 10,
      bytesReceived: 500,
      frameWidth: 320,
      frameHeight: 180,
    };
    expect(countersFrom(reportOf([small, ...entries]), new Map([['small', 'v1']]))).toMatchObject({
      framesDecoded: 310,
      bytesReceived: 2_500_500,
      lines: [
        { mid: 'v1', framesDecoded: 10, width: 320, codec: null },
        { mid: 'v0', framesDecoded: 300, width: 1280, codec: 'H264' },
      ],
    });
  });

  it('knows little before anything has arrived', () => {
    expect(countersFrom(reportOf([{ id: 'T01', type: 'transport' }]), new Map())).toMatchObject({
      framesDecoded: 0,
      lines: [],
      localCandidate: null,
      remoteCandidate: null,
    });
  });
});
