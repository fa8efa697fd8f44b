// IndexedDB in promises: what this browser keeps between two visits.
(() => {
  const OPEN_MS = 3000; // for a database to open; one that does not must not hold up a run

  const answered = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  /** The database of this name, with these object stores and their options; it is opened when it is asked for something. */
  function database(name, stores) {
    let opening = null;

    function open() {
      opening ??= new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 1); // throws where storage is blocked
        request.onupgradeneeded = () => {
          for (const [store, options] of Object.entries(stores)) request.result.createObjectStore(store, options);
        };
        request.onsuccess = () => {
          request.result.onversionchange = () => request.result.close();
          resolve(request.result);
        };
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error('another page holds it'));
        setTimeout(() => reject(new Error('it does not open')), OPEN_MS);
      });
      return opening;
    }

    /** An object store for one reading. */
    const reading = async (store) => (await open()).transaction(store).objectStore(store);

    /** Does something with all stores in one transaction, and waits until it is done. */
    async function change(act) {
      const names = Object.keys(stores);
      const transaction = (await open()).transaction(names, 'readwrite', { durability: 'relaxed' });
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error('given up'));
      });
      act(...names.map((each) => transaction.objectStore(each)));
      await done;
    }

    return { reading, change };
  }

  /** A moment as it is told today. */
  function saidTime(date) {
    const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()}, ${time}`;
  }

  window.letheStore = { database, answered, saidTime };
})();
