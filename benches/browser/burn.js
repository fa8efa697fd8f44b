// The peer of the GPU engine: burn, one tensor operation after the other, in a worker of its own.
import init, { Peer } from './burn_peer/burn_peer.js';

const ready = init().then(() => Peer.open());

onmessage = async ({ data: { work, steps } }) => {
  try {
    const peer = await ready;
    if (work) peer.prepare(work);
    const begin = performance.now();
    await peer.train(steps);
    const milliseconds = performance.now() - begin;
    postMessage({ milliseconds, loss: await peer.loss() });
  } catch (error) {
    postMessage({ error: error.stack ?? String(error) });
  }
};
