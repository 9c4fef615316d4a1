import type { z } from 'zod';
import type { Role } from '../../protocol/roles.ts';
import type { BulkReference } from '../../protocol/rpc.ts';

/** Who calls, and what belongs to this one call. */
export interface CommandContext {
  role: Role;
  /** Null for whoever calls through the local socket. */
  viewerId: string | null;
  sessionId: string;
  /**
   * Sends data beside the answer, which then holds the reference.
   *
   * @throws RpcError `unavailable` where the caller cannot be sent any, or the call is over
   */
  sendBulk(data: Uint8Array, mediaType: string): BulkReference;
  /** Aborted when the time is up or the caller has gone: whatever runs should stop, nobody waits for it. */
  signal: AbortSignal;
}

/** Something that a viewer may ask the device to do. */
export interface Command<Params extends z.ZodObject = z.ZodObject, Result extends z.ZodType = z.ZodType> {
  /** Group and verb, as `camera.snapshot`. */
  name: string;
  /** For people, in one line. */
  title: string;
  /** The least role that may call it. */
  role: Role;
  /** Also shown to viewers, as JSON Schema: each field has a description where its name does not say all. */
  params: Params;
  result: Result;
  /** Calls a minute in one session, where the general limit is too high. */
  perMinute?: number;
  /** How long `run` may take, in milliseconds. */
  timeoutMs?: number;
  /** @throws RpcError to refuse with a reason for people; everything else is a defect and told only to the log */
  run(params: z.output<Params>, context: CommandContext): z.input<Result> | Promise<z.input<Result>>;
}

/** Lets the types of `run` follow from the schemas, and then forgets them, so that all commands fit in one list. */
export function defineCommand<Params extends z.ZodObject, Result extends z.ZodType>(
  command: Command<Params, Result>,
): Command {
  return command;
}
