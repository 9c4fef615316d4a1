import { writeFile } from 'node:fs/promises';
import { RpcError } from '../../protocol/rpc.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { openViewer, viewerFlags } from '../viewer-connection.ts';

export const callCommand: CliCommand = {
  name: 'call',
  usage: 'LINK METHOD [JSON]',
  title: 'Runs one command on a device and prints its result; rpc.discover lists them.',
  positionals: [2, 3],
  flags: {
    output: { type: 'string', value: 'FILE', help: 'Where to write binary data that belongs to the result.' },
    ...viewerFlags,
  },
  async run(input: CommandInput) {
    const [link = '', method = '', json = '{}'] = input.words;
    const params = parseParams(json);
    const client = await openViewer(input, link, []);
    try {
      const { data, ...result } = asRecord(await client.call(method, params));
      if (data instanceof Uint8Array) await saveData(data, input.flags.text('output'));
      console.log(
        JSON.stringify('value' in result && Object.keys(result).length === 1 ? result.value : result, null, 2),
      );
      return exitCode.done;
    } catch (error) {
      if (error instanceof RpcError)
        throw new CliError(exitCodeOf(error), `${method}: ${error.message} [${error.code}]`);
      throw error;
    } finally {
      await client.disconnect();
    }
  },
};

function parseParams(json: string): object {
  try {
    const params: unknown = JSON.parse(json);
    if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params;
  } catch {
    // Falls through to the one sentence for everything that is not an object.
  }
  throw new CliError(exitCode.usage, `The parameters must be a JSON object, such as {"camera": "cam0"}, not ${json}`);
}

function asRecord(result: unknown): Record<string, unknown> {
  return result !== null && typeof result === 'object' && !Array.isArray(result)
    ? (result as Record<string, unknown>)
    : { value: result };
}

async function saveData(data: Uint8Array, file: string | undefined): Promise<void> {
  if (file === undefined) {
    console.error(`${data.length} bytes of data came with the result; --output FILE keeps them.`);
    return;
  }
  await writeFile(file, data);
  console.error(`${data.length} bytes written to ${file}.`);
}

function exitCodeOf(error: RpcError) {
  if (error.code === 'forbidden') return exitCode.refused;
  return error.code === 'method-not-found' || error.code === 'invalid-params' ? exitCode.usage : exitCode.failed;
}
