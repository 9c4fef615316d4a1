import mqtt from 'mqtt';
import nodeDataChannel from 'node-datachannel';

/** A process that loads the two libraries without which no agent of this kind is possible, and does nothing. */
nodeDataChannel.preload();
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
process.send?.({ ready: typeof mqtt.connect === 'function' });
