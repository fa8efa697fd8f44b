// Figures: what leaves the page as files, what is drawn, and that it fits every screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { drawn, finish, settle, told } from './runs.mjs';

const LINK = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..4';
const WIDTH = '#v=1&x=width&w=4,16,32&pre=60&ft=40&n=16&s=0..4';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** Presses something that saves a file; resolves to its name and bytes. */
async function saved(page, selector) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator(selector).click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

const csv = (bytes) => bytes.toString('utf8').trim().split('\n').map((line) => line.split(','));

describe('files', () => {
  test('a PNG carries the link that makes it again', async () => {
    const { page, watch, close } = await openPage(lab, `/sub/${LINK}`);
    await finish(page);
    const { name, bytes } = await saved(page, '#fig-loss [data-act=png]');
    assert.match(name, /^lethe-.*loss.*\.png$/);
    const chunks = pngChunks(bytes);
    assert.deepEqual(chunks.filter(({ type }) => type === 'tEXt').map(({ data }) => data.toString('latin1')),
      [`Source\0${lab.origin}/sub/${nativeRecord(LINK).link}`]);
    const { width } = await page.locator('#fig-loss canvas').boundingBox();
    assert.equal(chunks[0].data.readUInt32BE(0), Math.round(3 * width), 'three pixels per CSS pixel');
    assert.equal(chunks.at(-1).type, 'IEND');
    assertClean(watch);
    await close();
  });

  test('an SVG carries the link, a title and a summary, and opens as an image', async () => {
    const { page, watch, close } = await openPage(lab, `/${LINK}`);
    await finish(page);
    // Where others will open it: a page without our policy.
    const elsewhere = await page.context().newPage();
    for (const figure of ['function', 'loss', 'width', 'replay']) {
      const { name, bytes } = await saved(page, `#fig-${figure} [data-act=svg]`);
      const svg = await elsewhere.evaluate(async (text) => {
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
        const image = new Image();
        image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(text)))}`;
        await image.decode();
        const of = (tag) => parsed.querySelector(tag)?.textContent;
        return { error: of('parsererror'), title: of('title'), desc: of('desc'), link: of('metadata'), width: image.naturalWidth };
      }, bytes.toString('utf8'));
      assert.equal(svg.error, undefined, name);
      assert.ok(svg.title && svg.desc && svg.width > 100, name);
      if (figure === 'function' || figure === 'loss') assert.equal(svg.link, `${lab.origin}/${nativeRecord(LINK).link}`);
    }
    assertClean(watch);
    await close();
  });

  test('the CSV of a figure and of all series hold the record\'s numbers in full', async () => {
    const { page, watch, close } = await openPage(lab, `/${WIDTH}`);
    await finish(page);
    const record = nativeRecord(WIDTH);
    const [header, ...rows] = csv((await saved(page, '#fig-width [data-act=csv]')).bytes);
    const points = record.summary.comparisons[0].equal_steps.points;
    const own = (key) => rows.map((row) => Number(row[header.indexOf(key)]));
    assert.deepEqual(own('width'), points.map(({ width }) => width));
    for (const part of ['median', 'q25', 'q75']) {
      assert.deepEqual(own(`equal_steps_${part}`), points.map(({ forgetting }) => forgetting[part]), `${part} in ${header}`);
    }
    const [functions, ...values] = csv((await saved(page, '#fig-function [data-act=csv]')).bytes);
    const grid = values.map((row) => row[functions.indexOf('x')]);
    assert.deepEqual(grid.filter((x) => !/^-?\d(\.\d{1,2})?$/.test(x)), [], 'places on the grid are short decimals');
    const [names, ...series] = csv((await saved(page, '#save-csv')).bytes);
    assert.equal(names.slice(0, 5).join(), 'seed,width,phase,replay,step');
    const written = series.map((row) => row.slice(5).map((value) => Math.fround(Number(value))));
    const expected = record.series.flatMap(({ pretraining, fine_tuning: branches }) => [pretraining, ...branches]
      .flatMap((columns) => columns.steps.map((_, k) => names.slice(5).map((name) => Math.fround(columns[name][k])))));
    assert.deepEqual(written, expected);
    assertClean(watch);
    await close();
  });

  /** The chunks of a PNG. */
  function pngChunks(bytes) {
    assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    const chunks = [];
    for (let at = 8; at < bytes.length;) {
      const length = bytes.readUInt32BE(at);
      chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
      at += 12 + length;
    }
    return chunks;
  }
});

/** What is on a figure's canvas: its colours, its first pixel, and a number that changes with any pixel. */
const look = (page, figure) => page.evaluate((name) => {
  const canvas = document.querySelector(`#fig-${name} canvas`);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(data.buffer);
  let sum = 17;
  for (const pixel of pixels) sum = (Math.imul(sum, 31) + pixel) | 0;
  return { colours: new Set(pixels).size, corner: [...data.slice(0, 4)].join(), sum };
}, figure);

describe('drawing', () => {
  test('every figure is drawn before anything has been run, in both themes', async () => {
    const { page, watch, close } = await openPage(lab, '/', { colorScheme: 'light' });
    await settle(page);
    for (const figure of ['function', 'loss', 'width', 'replay']) {
      const light = await look(page, figure);
      assert.ok(light.colours > 20, `${figure} has ${light.colours} colours`);
      assert.equal(await page.locator(`#fig-${figure}`).getAttribute('data-source'), 'reference');
    }
    const light = await look(page, 'loss');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await background();
    await page.locator('#theme-button').click();
    await drawn(page);
    const dark = await look(page, 'loss');
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    assert.notEqual(await background(), before);
    assert.notEqual(dark.sum, light.sum, 'the canvas is drawn again');
    assert.notEqual(dark.corner, light.corner, 'the background of the canvas');
    assertClean(watch);
    await close();
  });

  test('the scrubber moves the function, and its end of pre-training is the record\'s', async () => {
    const { page, watch, close } = await openPage(lab, `/${LINK}`);
    await finish(page);
    const record = nativeRecord(LINK);
    const turn = record.series[0].pretraining.steps.length - 1;
    const end = await look(page, 'function');
    const scrub = async (position) => {
      await page.locator('#scrub').evaluate((slider, value) => {
        slider.value = value;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }, String(position));
      await drawn(page);
    };
    await scrub(turn);
    assert.equal(await page.locator('#scrub').getAttribute('aria-valuetext'), 'pre-training, step 60 of 60');
    assert.equal((await told(page)).link.match(/&t=(\d+)/)?.[1], '60');
    assert.notEqual((await look(page, 'function')).sum, end.sum);
    const [header, ...rows] = csv((await saved(page, '#fig-function [data-act=csv]')).bytes);
    assert.deepEqual(rows.map((row) => Number(row[header.indexOf('now')])), record.functions[0].before.map(({ median }) => median));
    await scrub(0);
    assert.equal(await page.locator('#scrub').getAttribute('aria-valuetext'), 'pre-training, step 0 of 60');
    await scrub(turn);
    await page.locator('#play').click();
    await page.waitForFunction((position) => Number(document.getElementById('scrub').value) > position, turn);
    await page.waitForFunction(() => document.getElementById('play').getAttribute('aria-pressed') === 'false');
    await drawn(page);
    assert.equal((await look(page, 'function')).sum, end.sum, 'played to the end, it is as it was');
    assertClean(watch);
    await close();
  });
});

describe('no horizontal scrolling', () => {
  const replay = '#v=1&x=replay&w=16&p=0,0.01,0.1&pre=60&ft=40&n=16&s=0..4';
  for (const link of [LINK, WIDTH, replay, `${LINK}&proj=1`, `${LINK}&embed=1`]) {
    test(`at 320, 390 and 1440 px, ${link.match(/x=\w+/)[0]} ${link.match(/(proj|embed)=1/)?.[0] ?? ''}`, async () => {
      const { page, watch, close } = await openPage(lab, `/${link}`, { viewport: { width: 320, height: 700 } });
      await finish(page);
      for (const width of [320, 390, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await drawn(page);
        const { over, beyond } = await page.evaluate(tooWide);
        assert.equal(over, 0, `at ${width} px the page is ${over} px too wide: ${beyond.join(', ')}`);
        const box = await page.locator('#fig-loss canvas').boundingBox();
        if (box) assert.ok(box.width > 200 && box.width <= width, `at ${width} px the losses are ${box.width} px wide`);
      }
      assertClean(watch);
      await close();
    });
  }

  // Runs in the page: by how much it is too wide, and what may be the cause.
  function tooWide() {
    const { scrollWidth, clientWidth } = document.documentElement;
    const beyond = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5 && !element.closest('.table-scroll, .vh, .twin, svg'));
    return { over: scrollWidth - clientWidth, beyond: beyond.slice(0, 5).map(({ tagName, id }) => `${tagName}#${id}`) };
  }
});
