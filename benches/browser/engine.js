// A worker around the bare engine module: trains what it is asked to and answers how long it took.

const ready = (async () => {
  const module = await WebAssembly.compileStreaming(fetch('engine.wasm'));
  // Without bindgen's post-processing a few of its functions are imported, and never called.
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {
      throw new Error(`${name} was called`);
    };
  }
  return (await WebAssembly.instantiate(module, imports)).exports;
})();

onmessage = async ({ data: { networks, samples, width, relu, steps, rate } }) => {
  try {
    const { memory, prepare, parameters, train, loss } = await ready;
    prepare(networks, samples, width, relu, rate);
    const starts = Array.from({ length: networks }, (_, network) => {
      const address = parameters(network); // may grow the memory, which detaches its old buffer
      const row = new Float32Array(memory.buffer, address, 3 * width + 1);
      return { w1: row.slice(0, width), b1: row.slice(width, 2 * width), w2: row.slice(2 * width, 3 * width), b2: row[3 * width] };
    });
    const begin = performance.now();
    if (!train(steps)) throw new Error('the engine diverged');
    postMessage({ milliseconds: performance.now() - begin, loss: loss(), starts });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
