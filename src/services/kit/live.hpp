// Live pictures: a WebSocket to which a client sends pictures as fast as it likes, and which
// answers those that the device has time for.
//
//   router.websocket("/v1/pose/live", [this](Request request, http::WebSocket& socket) {
//     return live(std::move(request), socket);
//   }, live_.route());
//
//   awaitable<Status> PoseService::live(Request request, http::WebSocket& socket) {
//     PoseOptions options = config_.defaults;
//     kit::Fields fields(request.query);
//     if (const Status read = read_options(fields, options); !read) co_return read;
//     kit::LiveTask task;
//     task.find = [&](const InferResult& output, const kit::Placement& placed) { ... };
//     co_return co_await live_.serve(std::move(request), socket, task);
//   }
//
// A binary message is a frame, one encoded picture. One frame at a time is decoded and given to the
// device, before other work (Priority::kRealtime); of those that arrive meanwhile only the last is
// kept. While a frame is with the device the one before it is answered, by a text
//
//   {"frame": 7, "frames_dropped": 2, "queue_ms": 3.1, "model_ms": 6, "result": ...}
//   {"frame": 8, "frames_dropped": 2, "error": {"message": ..., "type": ...}}
//
// and, where the query says annotated=true, a binary message behind it: the frame as JPEG, with
// what was found drawn on it. docs/reference/live.md has it for clients, docs/adr/0058 the reasons.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <npu/client_types.hpp>

#include "http/fair_share.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/kit/model.hpp"
#include "services/kit/picture_input.hpp"
#include "services/kit/pictures.hpp"

namespace npu {
class Settings;
}

namespace npu::kit {

// The keys live.*.
struct LiveRules {
  int max_frame_mb = 16;    // MiB, encoded; a larger message ends the connection
  int max_memory_mb = 256;  // of encoded frames of all connections; one client has at most half
  int frame_timeout_ms = 10'000;  // from its turn to the device's answer
};

// rules: the defaults; must outlive the settings' load().
void add_live_settings(Settings& settings, LiveRules& rules);

// What was found in a frame.
struct LiveFinding {
  std::string result;  // JSON
  // What an annotated answer shows: the picture, where it is set, else what draw() makes of the
  // frame.
  Draw draw{};
  std::function<media::Image()> picture{};
  std::int64_t model_ms = 0;  // of LiveTask::examine: what the device took
};

// What a service does with frames. find, and what LiveFinding has, are called on the pool, for one
// frame at a time, and may take time.
struct LiveTask {
  FitOptions fit{};
  // What the device is asked with a frame's picture; not set: {"input": picture}.
  std::function<InferInput(ClientTensor picture)> ask{};
  std::function<Result<LiveFinding>(const InferResult& output, const Placement& placed)> find{};
  // In place of both, where a frame takes more than one inference: on the event loop, from the
  // encoded picture to what is found. It asks the model with Priority::kRealtime.
  std::function<awaitable<Result<LiveFinding>>(http::Request& frame, PictureUpload& upload)>
      examine{};
};

// Used on the event loop.
class Live {
 public:
  // The references must outlive it.
  Live(http::WorkPool& pool, Model& model, Pictures& pictures, const PictureRules& picture_rules,
       const LiveRules& rules);

  // For the routes.
  http::RouteOptions route() const;

  // Until the client closes the connection or is gone. The query's fields annotated and auto_orient
  // are read here; what the task refers to outlives the call.
  awaitable<Status> serve(http::Request request, http::WebSocket& socket, const LiveTask& task);

 private:
  class Session;

  http::WorkPool& pool_;
  Model& model_;
  Pictures& pictures_;
  const PictureRules& picture_rules_;
  const LiveRules& rules_;
  http::FairShare memory_;  // of encoded frames, in bytes
};

}  // namespace npu::kit
