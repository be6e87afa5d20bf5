-- Each request is a reservation of one unit with a key of its own.
-- Arguments: run name, token, campaign, number of SKUs, and optionally a status: then
-- answers of any other are counted as odd, which costs the client time.
local run, token, campaign, skus = "", "", "", 1
local threads = {}
odd = 0
local id, count = 0, 0
local headers = {["Content-Type"] = "application/json"}

function setup(thread)
  thread:set("id", id)
  table.insert(threads, thread)
  id = id + 1
end

function init(args)
  run, token, campaign, skus = args[1], args[2], args[3], tonumber(args[4])
  headers["Authorization"] = "Bearer " .. token
  math.randomseed(os.time() + id)
  if args[5] then
    local expected = tonumber(args[5])
    response = function(status)
      if status ~= expected then odd = odd + 1 end
    end
  end
end

function request()
  count = count + 1
  local name = run .. "-" .. id .. "-" .. count
  headers["Idempotency-Key"] = name
  local sku = skus == 1 and 1 or math.random(skus)
  local body = '{"campaign":"' .. campaign .. '","buyer":"' .. name ..
    '","lines":[{"sku":"SKU-' .. sku .. '","units":1}]}'
  return wrk.format("POST", "/api/gate/v1/reservations", headers, body)
end

function done(summary, latency, requests)
  local seconds = summary.duration / 1e6
  local wrong = summary.errors.status + summary.errors.connect +
    summary.errors.read + summary.errors.write + summary.errors.timeout
  local strange = 0
  for _, thread in ipairs(threads) do strange = strange + thread:get("odd") end
  local told = '{"rps": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "requests": %d, ' ..
    '"wrong": %d, "odd": %d}'
  io.write("\n" .. told:format(
    summary.requests / seconds, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.requests, wrong, strange) .. "\n")
end
