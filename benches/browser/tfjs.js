// The peer: the same training in TensorFlow.js on its WebAssembly SIMD backend.
//
// All networks in one batch of tensors. The gradient is written out rather than left to tf.grads, which
// is slower: this is the peer at its best.
importScripts('/tf.min.js', '/tf-backend-wasm.min.js');

const ready = (async () => {
  tf.wasm.setWasmPaths('/');
  await tf.setBackend('wasm');
  await tf.ready();
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('TensorFlow.js runs without SIMD');
})();

const stack = (starts, name) => tf.stack(starts.map((start) => tf.tensor1d(start[name])));

/** w1, b1: [networks, 1, width]; w2: [networks, width, 1]; b2: [networks, 1, 1]. */
function tensors(starts) {
  return {
    w1: stack(starts, 'w1').expandDims(1),
    b1: stack(starts, 'b1').expandDims(1),
    w2: stack(starts, 'w2').expandDims(2),
    b2: tf.tensor(starts.map((start) => start.b2), [starts.length, 1, 1]),
  };
}

/** x, y: [1, samples, 1]. */
function examples(samples) {
  const x = tf.range(0, samples).mul(2 / samples).sub(1).reshape([1, samples, 1]);
  return { x, y: x.square().sub(x) };
}

function forward({ w1, b1, w2, b2 }, x, relu) {
  const z = x.mul(w1).add(b1);
  const a = relu ? z.relu() : z.tanh();
  return { z, a, f: tf.matMul(a, w2).add(b2) };
}

function step(theta, { x, y }, relu, samples, rate) {
  const { z, a, f } = forward(theta, x, relu);
  const r = f.sub(y).mul((2 / samples) * rate);
  const slope = relu ? z.step() : tf.sub(1, a.square());
  const d = tf.matMul(r, theta.w2, false, true).mul(slope);
  const alongX = tf.matMul(x.tile([theta.w1.shape[0], 1, 1]), d, true, false);
  return {
    w1: theta.w1.sub(alongX),
    b1: theta.b1.sub(d.sum(1, true)),
    w2: theta.w2.sub(tf.matMul(a, r, true, false)),
    b2: theta.b2.sub(r.sum(1, true)),
  };
}

onmessage = async ({ data: { samples, relu, steps, rate, starts } }) => {
  try {
    await ready;
    const given = examples(samples);
    let theta = tensors(starts);
    const begin = performance.now();
    for (let k = 0; k < steps; k++) {
      const next = tf.tidy(() => step(theta, given, relu, samples, rate));
      tf.dispose(theta);
      theta = next;
    }
    await theta.b2.data();
    const milliseconds = performance.now() - begin;
    const loss = tf.tidy(() => forward(theta, given.x, relu).f.sub(given.y).square().mean().dataSync()[0]);
    tf.dispose([theta, given]);
    postMessage({ milliseconds, loss });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
