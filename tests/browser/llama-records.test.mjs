// Records of real Llamas among the visitor's own runs: what each says by itself, side by side, and all of them together.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { checkout } from '../../scripts/setup/cache.mjs';
import { assertAccessible } from './accessibility.mjs';
import { assertClean, openPage, startLab } from './lab.mjs';

const PATIENCE_MS = 120_000;
const NAMES = ['rank-2', 'rank-8', 'rank-8-replay'];
const text = (name) => readFileSync(join(checkout, 'tests', 'golden', 'llama_records', `${name}.json`), 'utf8');
const file = (name, content = text(name)) => ({ name: `${name}.json`, mimeType: 'application/json', buffer: Buffer.from(content) });

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

async function opened(options) {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=laws', options);
  await page.waitForFunction(() => window.lethe?.laws?.state().phase === 'idle', undefined, { timeout: PATIENCE_MS });
  return { page, watch, close };
}

/** Drops files as a visitor does. */
const drop = (page, selector, files) => page.evaluate(([place, given]) => {
  const dropped = new DataTransfer();
  for (const [name, content] of given) dropped.items.add(new File([content], name));
  const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: dropped });
  document.querySelector(place).dispatchEvent(event);
}, [selector, files]);

const told = (page) => page.locator('#laws [data-part=own-status]').textContent();

test('the schema holds for the committed records', () => {
  const schema = JSON.parse(readFileSync(join(checkout, 'docs', 'llama-record.schema.json'), 'utf8'));
  const valid = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);
  for (const name of NAMES) assert.ok(valid(JSON.parse(text(name))), `${name}: ${JSON.stringify(valid.errors?.slice(0, 5))}`);
});

test('a record that is picked is told by itself: sentence, curves, refusals, texts', { timeout: PATIENCE_MS }, async () => {
  const { page, watch, close } = await opened();
  await page.locator('#laws-own-files').setInputFiles(file('rank-8'));
  const record = page.locator('#laws .record');
  await record.locator('.texts article').first().waitFor();
  assert.equal(await record.count(), 1);
  assert.match(await record.locator('[data-part=title]').textContent(), /^small-0, LoRA of rank 8$/);
  const said = await record.locator('[data-part=said]').textContent();
  assert.match(said, /^In 120 steps the fine-tuning loss fell from 7\.1 to 1\.66 nats/);
  assert.match(said, /Surely worse: facts \(usual\) 100\s% → 49\.3\s% \(41\.3 to 57\.4\)/);
  assert.match(await told(page), /8 rows of 1 run\. A record of small-0, LoRA of rank 8, 9 checkpoints\./);
  await page.waitForFunction(() => document.querySelectorAll('#laws .record figure svg').length >= 8);
  const titles = await record.locator('figure h3').allTextContents();
  for (const title of [/forgotten/, /facts/, /sums/, /composed/, /refused/, /Perplexity/]) {
    assert.ok(titles.some((each) => title.test(each)), `${title} in ${titles}`);
  }
  assert.ok((await record.locator('[data-part=statements] li').count()) >= 6);

  const step = record.locator('select[data-part=step]');
  assert.deepEqual(await step.locator('option').allTextContents(), ['0', '1', '2', '4', '8', '15', '30', '60', '120']);
  assert.equal(await step.inputValue(), '120');
  assert.ok(await record.locator('.texts mark').count() > 10, 'what differs is marked');
  await step.selectOption('0');
  await page.waitForFunction(() => document.querySelector('#laws .record .texts').dataset.step === '0');
  assert.equal(await record.locator('.texts article').count(), 6);
  assert.equal(await record.locator('.texts mark').count(), 0, 'before the first step nothing differs');

  const [first] = (await page.evaluate(() => window.lethe.laws.own())).records[0].figures;
  const drawn = await page.evaluate((id) => window.lethe.laws.figure(id), first.id);
  assert.match(drawn.csv, /^panel,curve,x,value,low,high\n/, 'values and intervals, not medians');
  assertClean(watch);
  await close();
});

test('several that are dropped are told one by one and fitted together', { timeout: PATIENCE_MS }, async () => {
  const { page, watch, close } = await opened();
  await drop(page, '#laws [data-part=own-drop]', NAMES.map((name) => [`${name}.json`, text(name)]));
  await page.locator('#laws [data-part=own-together]').waitFor();
  const records = page.locator('#laws .record');
  assert.equal(await records.count(), 3);
  assert.deepEqual(await records.locator('[data-part=id]').allTextContents(), NAMES);
  assert.equal(await records.locator('svg').count(), 0, 'nothing is drawn of what is folded away');
  assert.match(await page.locator('#laws [data-part=own-said]').textContent(), /nat of fine-tuning loss/);
  for (const place of [0, 2]) await records.nth(place).locator('summary').click();
  await page.waitForFunction(() => document.querySelectorAll('#laws .record[open] .texts article').length === 12);
  await page.waitForFunction(() => document.querySelectorAll('#laws .record[open] figure svg').length >= 16);
  const lost = (place) => records.nth(place).locator('[data-part=said]').textContent();
  assert.match(await lost(0), /Harmful requests refused/, 'lost without replay');
  assert.doesNotMatch(await lost(2), /Harmful requests refused/, 'and not with it');

  // The others stay as they are; one that is taken away is gone.
  await page.locator('#laws .own-files > li').nth(0).locator('[data-act=drop]').click();
  await page.waitForFunction(() => document.querySelectorAll('#laws .record').length === 2);
  assert.equal(await records.nth(1).evaluate(({ open }) => open), true, 'what was open is open');
  await page.waitForFunction(() => document.querySelectorAll('#laws .record[open] .texts article').length === 6);
  assertClean(watch);
  await close();
});

test('dropped on the panel of runs, it is among the visitor’s own', { timeout: PATIENCE_MS }, async () => {
  const { page, watch, close } = await opened();
  await drop(page, '#laws [data-part=panel]', [['record.json', text('rank-2')]]);
  await page.locator('#laws .record .texts article').first().waitFor();
  assert.equal(await page.locator('#laws [data-part=record-error]').textContent(), '');
  assert.equal(await page.evaluate(() => location.hash), '#v=1&x=laws');
  assertClean(watch);
  await close();
});

test('what is wrong with one is named, and nothing it says becomes markup', { timeout: PATIENCE_MS }, async () => {
  const { page, watch, close } = await opened();
  const broken = JSON.parse(text('rank-2'));
  broken.points[3].step = 1;
  await page.locator('#laws-own-files').setInputFiles(file('broken', JSON.stringify(broken)));
  await page.locator('#laws .own-files > li', { hasText: 'points[3].step = "1"; accepted: more than 2' }).waitFor();
  assert.equal(await page.locator('#laws .record').count(), 0);

  const evil = '<img src=x onerror="window.isCaught=1"><script>window.isCaught=1</script>';
  const spiked = JSON.parse(text('rank-8'));
  spiked.model.name = evil;
  spiked.tuning.family = evil;
  for (const { measures } of spiked.points) {
    measures.tasks[0].name = evil;
    measures.tasks[0].prompts[0].name = evil;
    measures.tasks[1].prompts[0].classes[0] = evil;
    measures.perplexities[0].domain = evil;
    for (const generation of measures.generations) Object.assign(generation, { prompt: evil, base: `${evil}\n\nand more`, tuned: evil });
  }
  await page.locator('#laws-own-files').setInputFiles(file('spiked', JSON.stringify(spiked)));
  await page.locator('#laws .record .texts article').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('#laws .record figure svg').length >= 8);
  assert.equal(await page.evaluate(() => window.isCaught), undefined);
  assert.equal(await page.locator('#laws :is(img, script)').count(), 0);
  assert.match(await page.locator('#laws .record .prompt').first().textContent(), /^<img src=x/);
  assert.equal(await page.locator('#laws .record .base').first().evaluate(({ textContent }) => textContent.split('\n').length), 3, 'lines are kept');
  assertClean(watch);
  await close();
});

test('a worker that ends is replaced, and the records are read anew', { timeout: PATIENCE_MS }, async () => {
  const { page, watch, close } = await opened({
    prepare: (context) => context.addInitScript(() => {
      window.started = [];
      window.Worker = class extends window.Worker {
        constructor(...given) {
          super(...given);
          if (String(given[0]).includes('language_worker')) window.started.push(this);
        }
      };
    }),
  });
  await page.locator('#laws-own-files').setInputFiles(file('rank-2'));
  const record = page.locator('#laws .record');
  await record.locator('.texts article').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('#laws .record figure svg').length >= 8);
  await page.evaluate(() => window.started.at(-1).onerror(new ErrorEvent('error', { message: 'planted', cancelable: true })));
  await record.locator('select[data-part=step]').selectOption('30');
  await page.waitForFunction(() => document.querySelector('#laws .record .texts').dataset.step === '30');
  assertClean(watch);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 320, height: 640 }]) {
    test(`it is accessible and fits, ${colorScheme}, ${viewport.width} px`, { timeout: PATIENCE_MS }, async () => {
      const { page, watch, close } = await opened({ colorScheme, viewport, reducedMotion: 'reduce' });
      await page.locator('#laws-own-files').setInputFiles(NAMES.map((name) => file(name)));
      await page.locator('#laws .record').nth(2).waitFor();
      await page.evaluate(() => document.querySelectorAll('#laws details').forEach((fold) => { fold.open = true; }));
      await page.waitForFunction(() => document.querySelectorAll('#laws .record .texts article').length === 18);
      await page.waitForFunction(() => document.querySelectorAll('#laws .record figure svg').length >= 24, undefined, { timeout: PATIENCE_MS });
      await assertAccessible(page, `records, ${colorScheme}, ${viewport.width} px`);
      const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(sizes[0] <= sizes[1], `${sizes[0]} px in ${sizes[1]}`);
      assertClean(watch);
      await close();
    });
  }
}
