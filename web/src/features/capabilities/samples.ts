// One call in four languages, each complete as it stands: what is pasted runs against the host that showed it.

/** How a sample calls: under an agreement with a key, or in the sandbox without one. */
export type Door = "key" | "sandbox";

/** What a sample calls. */
export interface Call {
  /** The address of the gateway, `https://host/graphql`. */
  endpoint: string;
  door: Door;
  capability: string;
  payload: unknown;
}

/** A sample as `CodeTabs` shows it. */
export interface Sample {
  id: string;
  label: string;
  code: string;
}

const DOCUMENT: Record<Door, string> = {
  key: `mutation ($input: InvokeInput!) {
  invoke(input: $input) {
    invocation { id output usage { meter class quantity } estimatedCharge currencyCode }
    errors { code message }
  }
}`,
  sandbox: `mutation ($input: TryCapabilityInput!) {
  tryCapability(input: $input) {
    trial { output usage { meter class quantity } estimatedCharge currencyCode }
    sandbox { remaining }
    errors { code message }
  }
}`,
};

/** The samples of a call. Those with a key read it from the environment variable `TALLYSTICK_KEY`. */
export function samplesOf(call: Call): Sample[] {
  return [
    { id: "curl", label: "curl", code: curl(call) },
    { id: "python", label: "Python", code: python(call) },
    { id: "javascript", label: "JavaScript", code: javascript(call) },
    { id: "rust", label: "Rust", code: rust(call) },
  ];
}

function inputOf({ door, capability, payload }: Call): Record<string, unknown> {
  return door === "key" ? { target: { capability }, payload } : { capability, payload };
}

function curl(call: Call): string {
  const query = DOCUMENT[call.door].replace(/\s+/g, " ");
  const body = JSON.stringify({ query, variables: { input: inputOf(call) } });
  const head = body.slice(0, -"}}}".length);
  const separator = head.endsWith("{") ? "" : ",";
  return [
    ...(call.door === "key" ? ["export TALLYSTICK_KEY=tsk_…   # a key of yours with the scope INVOKE"] : []),
    `curl -s ${call.endpoint} \\`,
    ...(call.door === "key" ? [`  -H "Authorization: Bearer $TALLYSTICK_KEY" \\`] : []),
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${shell(`${head}${separator}"idempotencyKey":"`)}'"$(date +%s)-$RANDOM"'"}}}'`,
  ].join("\n");
}

function shell(text: string): string {
  return text.replaceAll("'", `'\\''`);
}

function python(call: Call): string {
  return `# Python 3.9 or newer, nothing to install
import json, os, urllib.request, uuid

query = """
${DOCUMENT[call.door]}
"""
payload = ${pythonLiteral(call.payload)}
variables = {"input": {${call.door === "key" ? `"target": {"capability": "${call.capability}"}` : `"capability": "${call.capability}"`}, "payload": payload, "idempotencyKey": str(uuid.uuid4())}}
request = urllib.request.Request(
    "${call.endpoint}",
    json.dumps({"query": query, "variables": variables}).encode(),
    {"Content-Type": "application/json"${call.door === "key" ? `, "Authorization": "Bearer " + os.environ["TALLYSTICK_KEY"]` : ""}},
)
with urllib.request.urlopen(request) as response:
    print(json.dumps(json.load(response), ensure_ascii=False, indent=2))
`;
}

function pythonLiteral(value: unknown, indent = ""): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isFlat = JSON.stringify(value).length <= 80;
  const inner = isFlat ? "" : `${indent}    `;
  const parts = Array.isArray(value)
    ? value.map((each) => inner + pythonLiteral(each, inner))
    : Object.entries(value).map(([name, each]) => `${inner}${JSON.stringify(name)}: ${pythonLiteral(each, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return isFlat ? `${open}${parts.join(", ")}${close}` : `${open}\n${parts.join(",\n")},\n${indent}${close}`;
}

function javascript(call: Call): string {
  const target = call.door === "key" ? `target: { capability: "${call.capability}" }` : `capability: "${call.capability}"`;
  return `// Node 20 or newer: save as call.mjs, then run "node call.mjs"
const query = \`
${DOCUMENT[call.door]}
\`;
const payload = ${JSON.stringify(call.payload, null, 2)};
const response = await fetch("${call.endpoint}", {
  method: "POST",
  headers: {
    "Content-Type": "application/json",${call.door === "key" ? "\n    Authorization: `Bearer ${process.env.TALLYSTICK_KEY}`," : ""}
  },
  body: JSON.stringify({ query, variables: { input: { ${target}, payload, idempotencyKey: crypto.randomUUID() } } }),
});
console.log(JSON.stringify(await response.json(), null, 2));
`;
}

function rust(call: Call): string {
  const target = call.door === "key" ? `"target": { "capability": "${call.capability}" }` : `"capability": "${call.capability}"`;
  return `// cargo new call && cd call && cargo add reqwest serde_json && cargo add tokio --features full && cargo add uuid --features v7
// Save as src/main.rs, then run "cargo run"
use serde_json::{Value, json};

const QUERY: &str = "${DOCUMENT[call.door].replaceAll("\n", "\n    ")}";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let payload: Value = serde_json::from_str(${rawString(JSON.stringify(call.payload, null, 2))})?;
    let input = json!({ ${target}, "payload": payload, "idempotencyKey": uuid::Uuid::now_v7().to_string() });
    let answer = reqwest::Client::new()
        .post("${call.endpoint}")${call.door === "key" ? '\n        .bearer_auth(std::env::var("TALLYSTICK_KEY")?)' : ""}
        .header("Content-Type", "application/json")
        .body(json!({ "query": QUERY, "variables": { "input": input } }).to_string())
        .send()
        .await?
        .text()
        .await?;
    println!("{:#}", serde_json::from_str::<Value>(&answer)?);
    Ok(())
}
`;
}

/** A raw string literal with as many hashes as its text needs. */
function rawString(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/"(#+)/g)].map((match) => match[1]?.length ?? 0));
  const hashes = "#".repeat(longest + 1);
  return `r${hashes}"${text}"${hashes}`;
}
