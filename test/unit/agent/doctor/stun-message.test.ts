import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeRequest, encodeUint32, parseResponse, stunAttributes } from '../../../../agent/doctor/stun-message.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** RFC 5769 section 2.2. */
const ipv4Response = hex(
  `0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220
   00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`.replaceAll('\n', ''),
);
/** RFC 5769 section 2.3, without what follows the address. */
const ipv6Response = hex(
  `01010028 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220
   00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9`.replaceAll('\n', ''),
);

describe('responses', () => {
  it('tell the address that the server sees, of both families', () => {
    expect(parseResponse(ipv4Response)).toMatchObject({
      isError: false,
      transactionId: 'b7e7a701bc34d686fa87dfae',
      mapped: { address: '192.0.2.1', port: 32_853 },
    });
    expect(parseResponse(ipv6Response)?.mapped).toEqual({
      address: '2001:db8:1234:5678:11:2233:4455:6677',
      port: 32_853,
    });
  });

  it('tell why a request is refused', () => {
    const refusal = hex(
      `0113 0024 2112a442 000000000000000000000000 00090010 00000401 556e617574686f72697a6564
       00140002 61620000 00150001 63000000`.replaceAll('\n', ''),
    );
    expect(parseResponse(refusal)).toMatchObject({
      isError: true,
      error: { code: 401, reason: 'Unauthorized' },
      realm: 'ab',
      nonce: Buffer.from('c'),
      mapped: null,
    });
  });

  it('are nothing else: no request, no RTP, nothing cut off', () => {
    expect(parseResponse(encodeRequest('binding').bytes)).toBeNull();
    expect(parseResponse(Buffer.from('not STUN, but long enough for it'))).toBeNull();
    expect(parseResponse(ipv4Response.subarray(0, 19))).toBeNull();
  });

  it('may end anywhere without harm', () => {
    for (let length = 20; length < ipv4Response.length; length += 1) {
      const mapped = parseResponse(ipv4Response.subarray(0, length))?.mapped;
      expect(mapped === null || mapped?.port === 32_853).toBe(true);
    }
  });
});

describe('requests', () => {
  it('have a transaction id of their own', () => {
    const [first, second] = [encodeRequest('binding'), encodeRequest('binding')];
    expect(first.bytes.toString('hex')).toBe(`000100002112a442${first.transactionId}`);
    expect(second.transactionId).not.toBe(first.transactionId);
  });

  it('are signed over all that stands before the signature', () => {
    const credential = { username: 'user', password: 'pass', realm: 'realm', nonce: Buffer.from('nonce') };
    const { bytes } = encodeRequest('refresh', [[stunAttributes.lifetime, encodeUint32(0)]], credential);
    const signed = bytes.subarray(0, -24);
    const key = createHash('md5').update('user:realm:pass').digest();
    expect(bytes.readUInt16BE(2)).toBe(bytes.length - 20);
    expect(bytes.subarray(-24).toString('hex')).toBe(`00080014${createHmac('sha1', key).update(signed).digest('hex')}`);
  });
});
