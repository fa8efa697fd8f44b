// The runs of the experiment "who forgets what": a fine-tuning on one task with one seed each.
(() => {
  window.letheAssociations = window.letheRun.runs({
    who: 'association matrices',
    asked: (question) => ({ associations: question }),
    begin: (link, job, aim) => ({ associations: { begin: { link, job, aim } } }),
    isLater: (job) => 'replay' in job,
    aim: (job) => window.letheAssociations.ask({ aim: { job } }),
    advance: (millis) => ({ associations: { advance: { millis } } }),
    told: ({ outcome }) => (outcome === null ? { done: false, step: 0, events: [] } : { done: true, step: 1, events: [outcome] }),
    steps: () => 1, // a run tells nothing before its end
    tell: (job, events) => events.map((outcome) => ({ associations: { tell: { job, outcome } } })),
    needsBases: true,
    again: () => [],
    fit: async () => {},
  });
})();
