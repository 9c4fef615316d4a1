import { isIP } from 'node:net';
import { z } from 'zod';
import { pathForm, portForm } from './setting-forms.ts';

const turnSchema = z
  .strictObject({
    urls: z
      .array(z.string().regex(/^turns?:[^\s/]+$/, 'must have the form turn:HOST:PORT'))
      .min(1)
      .max(4)
      .describe('TURN servers, which relay the media where no direct path exists.')
      .meta({ examples: [['turn:turn.example:3478']] }),
    secret: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe(
        'Secret shared with the TURN server (static-auth-secret of coturn); a file keeps it out of this place. Default: that in the file turn-secret beside this one.',
      )
      .meta({ examples: ['correct horse battery staple'] }),
    secretFile: pathForm
      .optional()
      .describe(
        'File whose first line is the secret shared with the TURN server. May be left out for the file turn-secret beside this one.',
      )
      .meta({ examples: ['/etc/porthole/turn-secret'] }),
    ttlSeconds: z
      .int()
      .min(60)
      .max(86_400)
      .default(3600)
      .describe('Life of the TURN credentials that a session gets, in seconds.')
      .meta({ unit: 's', examples: [7200] }),
  })
  .refine((turn) => turn.secret === undefined || turn.secretFile === undefined, {
    path: ['secretFile'],
    message: 'must not be given beside ice.turn.secret',
  });

const announceSchema = z.strictObject({
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an IP address')
    .describe('Address that viewers reach the device at, where it is not its own: a 1:1 NAT or a port forward.')
    .meta({ examples: ['203.0.113.7'] }),
  ports: z
    .strictObject({
      from: portForm
        .describe('Outer port that leads to the first port of ice.portRange; the next follow.')
        .meta({ examples: [40_000] }),
    })
    .optional()
    .describe('Ports of the port forward, where they are not those of ice.portRange.'),
  only: z
    .boolean()
    .default(false)
    .describe('Offer the outer address alone, in place of the own ones.')
    .meta({ examples: [true] }),
});

export const iceSchema = z
  .strictObject({
    stun: z
      .array(z.string().regex(/^stuns?:[^\s/]+$/, 'must have the form stun:HOST:PORT'))
      .max(4)
      .default(['stun:stun.cloudflare.com:3478', 'stun:stun.l.google.com:19302'])
      .describe('STUN servers, which tell both sides their public address. Empty: none.')
      .meta({ examples: [['stun:stun.example:3478']] }),
    turn: turnSchema.optional().describe('TURN relay with short-lived credentials.'),
    portRange: z
      .tuple([portForm, portForm])
      .refine(([from, to]) => from <= to, 'must begin with the lower port')
      .optional()
      .describe('First and last local UDP port for media. Default: any free port.')
      .meta({ examples: [[50_000, 50_100]] }),
    announce: announceSchema.optional().describe('An outer address to offer beside the own ones.'),
    lanOnly: z
      .boolean()
      .default(false)
      .describe('Use no STUN and no TURN server: viewers on the same network only.')
      .meta({ examples: [true] }),
  })
  .refine((ice) => !ice.announce?.ports || ice.portRange, {
    path: ['announce', 'ports'],
    message: 'needs ice.portRange, which it is the outer side of',
  })
  .refine(
    (ice) =>
      !ice.announce?.ports || !ice.portRange || lastAnnouncedPort(ice.announce.ports.from, ice.portRange) <= 65_535,
    {
      path: ['announce', 'ports', 'from'],
      message: 'leads beyond port 65535 for a range as long as ice.portRange',
    },
  );

function lastAnnouncedPort(announcedFrom: number, portRange: [number, number]): number {
  return announcedFrom + portRange[1] - portRange[0];
}
