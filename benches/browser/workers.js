// In the benchmark's page: module workers that are asked one question at a time.

/** Starts a worker; what comes back asks it. */
window.startWorker = (address) => {
  const worker = new Worker(address, { type: 'module' });
  return (question) =>
    new Promise((answered, failed) => {
      worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : answered(data));
      worker.onerror = (event) => failed(new Error(event.message));
      worker.postMessage(question);
    });
};
