import { describe, expect, it } from 'vitest';
import { AnsweredHellos } from '../../../../agent/session/answered-hellos.ts';

const hello = Uint8Array.of(1, 2, 3);
const reply = Uint8Array.of(9);

describe('AnsweredHellos', () => {
  it('repeats the reply to the same bytes, and only to them', () => {
    const answered = new AnsweredHellos();
    answered.add('sid', 'viewer', hello);
    expect(answered.replyTo('sid', hello)).toBeNull();
    answered.setReply('sid', reply);
    expect(answered.replyTo('sid', Uint8Array.of(1, 2, 3))).toBe(reply);
    expect(answered.replyTo('sid', Uint8Array.of(1, 2, 4))).toBeNull();
    expect(answered.replyTo('other', hello)).toBeNull();
  });

  it('remembers that a sid is spent when the reply is not to be repeated any more', () => {
    const answered = new AnsweredHellos();
    answered.add('sid', 'viewer', hello);
    answered.setReply('sid', reply);
    answered.setReply('sid', null);
    expect(answered.has('sid')).toBe(true);
    expect(answered.replyTo('sid', hello)).toBeNull();
    expect(answered.replyTo('sid', new Uint8Array(0))).toBeNull();
  });

  it('forgets what was refused', () => {
    const answered = new AnsweredHellos();
    answered.add('sid', 'viewer', hello);
    answered.remove('sid');
    answered.setReply('sid', reply);
    expect(answered.has('sid')).toBe(false);
  });

  it('keeps a hello for as long as an epoch can be valid that it names', () => {
    const answered = new AnsweredHellos();
    answered.add('first', 'viewer', hello);
    answered.renew(1);
    answered.add('second', 'viewer', hello);
    expect(answered.has('first')).toBe(true);
    answered.renew(2);
    expect([answered.has('first'), answered.has('second')]).toEqual([false, true]);
    answered.renew(3);
    expect(answered.has('second')).toBe(false);
  });

  it('has room for so many in all, until an epoch has passed', () => {
    const answered = new AnsweredHellos(3, 3);
    for (const sid of ['a', 'b', 'c']) answered.add(sid, `viewer ${sid}`, hello);
    expect(answered.hasRoomFor('viewer c')).toBe(true);
    answered.add('d', 'viewer d', hello);
    expect(answered.hasRoomFor('viewer d')).toBe(false);
    answered.renew(2);
    answered.add('e', 'viewer e', hello);
    expect(answered.hasRoomFor('viewer e')).toBe(true);
  });

  it('does not let one viewer use it up', () => {
    const answered = new AnsweredHellos(100, 2);
    for (const sid of ['a', 'b', 'c']) answered.add(sid, 'greedy', hello);
    answered.add('d', 'modest', hello);
    expect(answered.hasRoomFor('greedy')).toBe(false);
    expect(answered.hasRoomFor('modest')).toBe(true);
  });
});
