// The servers of the peers, as far as a survey needs them: each answers in the form that its script asks for, as can be
// read in the sources that its package carries. In each one survey with one question for a free text is running.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { ROOT } from "../../harness/folder.mjs";
import { listen, read, reply } from "./servers.mjs";

const PACKAGES = join(ROOT, "node_modules");
const ASKED = "Why are you leaving?";
const LABEL = "Send";
const DAY = "2026-01-01T00:00:00.000Z";

const OPEN = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};
const text = (body, type) => ({ headers: { ...OPEN, "content-type": type }, body: Buffer.from(body), lasting: type === "text/javascript" });
const json = (value) => text(JSON.stringify(value), "application/json");

/** A server for paths; what nobody has thought of is noted, so that no peer is measured as it waits for an answer. */
async function server(name, answers) {
  const unknown = new Set();
  const { url, close } = await listen(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    await read(request);
    const [, answer] = answers.find(([pattern]) => pattern.test(path)) ?? [];
    if (!answer && request.method !== "OPTIONS") unknown.add(`${name}: ${request.method} ${path}`);
    const known = request.method === "OPTIONS" ? { status: 204, headers: OPEN } : answer?.();
    reply(request, response, known ?? { status: 404, headers: OPEN });
  });
  return { url, close, unknown };
}

// PostHog: `lib/src/remote-config.js`, `lib/src/browser-surveys.js`, `@posthog/types` for the form of a survey.

const TOKEN = "phc_aQ3Yq2Vb7cXe9RtU1mNp5sKd8fHj4gLw6zBxTvCyDnE";
const SURVEY = "018f3c5e-7a2b-7c4d-8e6f-1a2b3c4d5e6f";

/** What a project says of itself of which only surveys are used. */
const POSTHOG_PROJECT = {
  token: TOKEN,
  supportedCompression: ["gzip", "gzip-js"],
  hasFeatureFlags: false,
  captureDeadClicks: false,
  capturePerformance: false,
  autocapture_opt_out: true,
  autocaptureExceptions: false,
  analytics: { endpoint: "/i/v0/e/" },
  elementsChainAsString: true,
  errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
  logs: { captureConsoleLogs: false },
  sessionRecording: false,
  heatmaps: false,
  conversations: false,
  productTours: false,
  surveys: true,
  defaultIdentifiedOnly: true,
  siteApps: [],
};

const POSTHOG_SURVEY = {
  id: SURVEY,
  name: "Leaving",
  description: "",
  type: "popover",
  start_date: DAY,
  end_date: null,
  schedule: "once",
  feature_flag_keys: [],
  linked_flag_key: null,
  targeting_flag_key: null,
  internal_targeting_flag_key: null,
  current_iteration: null,
  current_iteration_start_date: null,
  enable_partial_responses: true,
  questions: [{ id: "0198a7c0-1111-7000-8000-000000000001", type: "open", question: ASKED, buttonText: LABEL, originalQuestionIndex: 0, optional: false }],
  // It comes when the page says so.
  conditions: { events: { values: [{ name: "leaving" }] }, actions: null },
  appearance: { position: "right", displayThankYouMessage: true, thankYouMessageHeader: "Thank you!", autoDisappear: false },
};

/** PostHog's API and its files, which lie on one host here, and what its documentation tells a page to hold. */
export async function posthog() {
  const dist = join(PACKAGES, "posthog-js/dist");
  const file = (name) => text(readFileSync(join(dist, name)), "text/javascript");
  const config = `(function() {
  window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {};
  window._POSTHOG_REMOTE_CONFIG['${TOKEN}'] = { config: ${JSON.stringify(POSTHOG_PROJECT)}, siteApps: [] }
})();`;
  const host = await server("posthog", [
    [/^\/static\/(?:[\d.]+\/)?array\.js$/, () => file("array.js")],
    [/^\/static\/(?:[\d.]+\/)?surveys\.js$/, () => file("surveys.js")],
    [/^\/array\/[^/]+\/config\.js$/, () => text(config, "text/javascript")],
    [/^\/array\/[^/]+\/config$/, () => json(POSTHOG_PROJECT)],
    [/^\/api\/surveys\/$/, () => json({ surveys: [POSTHOG_SURVEY], survey_config: null })],
    [/^\/flags\/$/, () => json({ flags: {}, errorsWhileComputingFlags: false, requestId: SURVEY })],
    [/^\/(e|i\/v0\/e|batch)\/$/, () => json({ status: "Ok" })],
  ]);
  // It takes a browser that a program drives for a robot, and would keep still; a setting of its own says otherwise.
  // What the snippet of its documentation does, in fewer bytes: a queue with the settings, and the script.
  const settings = { api_host: host.url, defaults: "2025-11-30", person_profiles: "identified_only", opt_out_useragent_filter: true };
  const queue = `(window.posthog=[]).__SV=1;posthog.people=[];posthog._i=[["${TOKEN}",${JSON.stringify(settings)},"posthog"]]`;
  const head = `<script>${queue}</script><script async crossorigin="anonymous" src="${host.url}/static/array.js"></script>`;
  return { ...host, head, survey: SURVEY };
}

// Formbricks: `src/lib/sync.ts`, `src/lib/widget.ts` and `api/dist` in the source map of `@formbricks/js`.

const ENVIRONMENT = "clleaving000008l4hkid0ceni";

const FORMBRICKS_SURVEY = {
  id: "clleaving000108l49m2d4qqe",
  createdAt: DAY,
  updatedAt: DAY,
  name: "Leaving",
  type: "web",
  environmentId: ENVIRONMENT,
  createdBy: null,
  status: "inProgress",
  questions: [{ id: "why", type: "openText", headline: ASKED, required: true, inputType: "text", longAnswer: true, placeholder: "", buttonLabel: LABEL }],
  welcomeCard: { enabled: false, timeToFinish: false, showResponseCount: false },
  thankYouCard: { enabled: true, headline: "Thank you!", subheader: "" },
  hiddenFields: { enabled: false, fieldIds: [] },
  displayOption: "displayOnce",
  displayPercentage: null,
  recontactDays: null,
  autoClose: null,
  autoComplete: null,
  delay: 0,
  triggers: ["leaving"],
  inlineTriggers: null,
  redirectUrl: null,
  productOverwrites: null,
  styling: null,
  surveyClosedMessage: null,
  singleUse: null,
  pin: null,
  resultShareKey: null,
  segment: null,
  attributeFilters: [],
};

const FORMBRICKS_STATE = {
  surveys: [FORMBRICKS_SURVEY],
  noCodeActionClasses: [],
  product: {
    id: "clleaving000208l4b2kq1v7d",
    createdAt: DAY,
    updatedAt: DAY,
    name: "Skerrow",
    teamId: "clleaving000308l4c1xq8m2f",
    brandColor: "#0f766e",
    highlightBorderColor: null,
    recontactDays: 7,
    linkSurveyBranding: true,
    inAppSurveyBranding: true,
    placement: "bottomRight",
    clickOutsideClose: true,
    darkOverlay: false,
    environments: [],
  },
  person: null,
};

/** Formbricks' API and its files; the package is bundled as a shop's own build does it. */
export async function formbricks() {
  const bundle = await bundled(join(PACKAGES, "@formbricks/js/dist/index.mjs"));
  const surveys = readFileSync(join(PACKAGES, "@formbricks/surveys/dist/index.umd.js"));
  const host = await server("formbricks", [
    [/^\/app\.js$/, () => text(bundle.replace(/https:\/\/unpkg\.com(?=\/@formbricks\/surveys)/, host.url), "text/javascript")],
    [/^\/@formbricks\/surveys@[^/]+\/dist\/index\.umd\.js$/, () => text(surveys, "text/javascript")],
    [/\/in-app\/sync$/, () => json({ data: FORMBRICKS_STATE })],
    [/\/displays$/, () => json({ data: { id: "clleaving000408l4d7ea3k9s" } })],
    [/\/displays\/[^/]+$/, () => json({ data: {} })],
    [/\/responses(\/[^/]+)?$/, () => json({ data: { id: "clleaving000508l4eh0t2w6r" } })],
  ]);
  return { ...host, head: `<script type="module" src="${host.url}/app.js"></script>`, environment: ENVIRONMENT };
}

async function bundled(entry) {
  const contents = `import formbricks from ${JSON.stringify(entry)};
window.formbricks = formbricks;
formbricks.init({ environmentId: "${ENVIRONMENT}", apiHost: new URL(import.meta.url).origin });`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].text;
}
