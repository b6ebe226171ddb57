#include "services/kit/live.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/settings.hpp"
#include "http/dialect.hpp"
#include "json/write.hpp"
#include "media/jpeg_encode.hpp"

namespace npu::kit {
namespace asio = boost::asio;
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

std::size_t mebibytes(int count) { return static_cast<std::size_t>(count) << 20; }

// A frame on its way. It does not move: the upload is a view of the request's body.
struct Frame {
  Frame(std::uint64_t index, http::FairShare& share, http::ClientKey client)
      : number(index), memory(share, client) {}

  std::uint64_t number;  // counted from 1
  SteadyTime arrived = now();
  http::FairShare::Part memory;  // of the encoded frame
  http::Request request;         // its own, of the frame as body
  PictureUpload upload;

  // Once it was examined.
  Status status;
  Placement placed;
  InferResult output;
  LiveFinding finding;  // of LiveTask::examine
  Duration waited{};
};

// {"message", "type"}, as a failed request has it.
std::string error_text(const Error& error) {
  const std::string body = http::error_response(http::kReferenceDialect, error).body;
  return npu::json::write(boost::json::parse(body).at("error").as_object());
}

struct Answer {
  std::string text;
  std::string jpeg;  // empty: none is sent
};

}  // namespace

// One connection. Three coroutines pass frames on: one waits, one is examined or has been, one is
// answered.
class Live::Session {
 public:
  Session(Live& live, const http::Request& request, http::WebSocket& socket, const LiveTask& task,
          const asio::any_io_executor& executor)
      : live_(live),
        request_(request),
        socket_(socket),
        task_(task),
        changed_(executor, SteadyTime::max()) {
    Fields fields(request.query);
    auto_orient_ = live.picture_rules_.auto_orient;
    fields.flag("auto_orient", auto_orient_);
    fields.flag("annotated", annotated_);
  }

  // Until the client is gone.
  awaitable<void> run() {
    const auto executor = co_await asio::this_coro::executor;
    auto all =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, receive(), asio::deferred),
                                                asio::co_spawn(executor, examine(), asio::deferred),
                                                asio::co_spawn(executor, answer(), asio::deferred));
    const auto [order, received, examined, answered] =
        co_await all.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const std::array<std::exception_ptr, 3> thrown{received, examined, answered};
    if (thrown.at(order[0])) std::rethrow_exception(thrown.at(order[0]));
  }

 private:
  awaitable<void> receive() {
    for (;;) {
      auto message = co_await socket_.receive();
      if (!message) co_return;
      auto frame = std::make_unique<Frame>(++received_, live_.memory_, request_.client);
      frame->status = take(std::move(*message), *frame);
      if (waiting_) ++dropped_;
      waiting_ = std::move(frame);
      changed_.cancel();
    }
  }

  awaitable<void> examine() {
    for (;;) {
      co_await until([this] { return waiting_ && !examined_; });
      std::unique_ptr<Frame> frame = std::move(waiting_);
      if (frame->status) frame->status = co_await infer(*frame);
      examined_ = std::move(frame);
      changed_.cancel();
    }
  }

  awaitable<void> answer() {
    for (;;) {
      co_await until([this] { return examined_ != nullptr; });
      const std::unique_ptr<Frame> frame = std::move(examined_);
      changed_.cancel();
      const Answer reply = co_await answer_to(*frame);
      if (!co_await socket_.send_text(reply.text)) co_return;
      if (!reply.jpeg.empty() && !co_await socket_.send_binary(reply.jpeg)) co_return;
    }
  }

  template <class Ready>
  awaitable<void> until(Ready ready) {
    while (!ready()) {
      (void)co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  Status take(http::WebSocketMessage message, Frame& frame) const {
    if (!message.binary) {
      return fail(ErrorCode::kInvalidArgument,
                  "a frame is a binary message, one encoded picture; this one is text");
    }
    if (!frame.memory.grow_to(message.data.size())) {
      return fail(ErrorCode::kOverloaded, "too many live pictures at once");
    }
    frame.request.id = fmt::format("{}/{}", request_.id, frame.number);
    frame.request.client = request_.client;
    frame.request.stop = request_.stop;
    frame.request.body = std::move(message.data);
    frame.upload.image = std::as_bytes(std::span(frame.request.body.view()));
    frame.upload.auto_orient = auto_orient_;
    frame.upload.annotated = annotated_;
    return {};
  }

  awaitable<Status> infer(Frame& frame) {
    const SteadyTime begin = now();
    frame.request.deadline = begin + Millis(live_.rules_.frame_timeout_ms);
    if (task_.examine) co_return co_await examine_whole(frame, begin);
    const auto input = co_await live_.pictures_.fit(
        frame.request, frame.upload, live_.model_.picture(), task_.fit, http::PoolEntry::kNew);
    if (!input) co_return fail(input.error());
    if (!annotated_) frame.memory.drop();
    const SteadyTime asked = now();
    InferInput ask =
        task_.ask ? task_.ask(input->tensor) : InferInput().tensor("input", input->tensor);
    auto output = co_await live_.model_.infer(std::move(ask), frame.request, Priority::kRealtime);
    if (!output) co_return fail(output.error());
    const Duration queued = now() - asked - Millis(output->inference_time_ms);
    frame.waited = begin - frame.arrived + std::max(Duration{}, queued);
    frame.placed = input->placed;
    frame.output = std::move(*output);
    co_return Status{};
  }

  awaitable<Status> examine_whole(Frame& frame, SteadyTime begin) {
    auto found = co_await task_.examine(frame.request, frame.upload);
    if (!found) co_return fail(found.error());
    if (!annotated_) frame.memory.drop();
    frame.waited = begin - frame.arrived;
    frame.output.inference_time_ms = found->model_ms;
    frame.finding = std::move(*found);
    co_return Status{};
  }

  awaitable<Answer> answer_to(Frame& frame) {
    auto found = co_await find(frame);
    const std::string head =
        fmt::format(R"({{"frame":{},"frames_dropped":{},)", frame.number, dropped_);
    if (!found) {
      co_return Answer{fmt::format(R"({}"error":{}}})", head, error_text(found.error())), {}};
    }
    const std::chrono::duration<double, std::milli> waited = frame.waited;
    co_return Answer{fmt::format(R"({}"queue_ms":{:.1f},"model_ms":{},"result":{}}})", head,
                                 waited.count(), frame.output.inference_time_ms, found->text),
                     std::move(found->jpeg)};
  }

  awaitable<Result<Answer>> find(Frame& frame) {
    if (!frame.status) co_return fail(frame.status.error());
    const auto turn = frame.request.turn(http::PoolEntry::kContinued);
    Result<LiveFinding> found = std::move(frame.finding);
    if (!task_.examine) {
      found = co_await http::on(
          live_.pool_, [&] { return task_.find(frame.output, frame.placed); }, turn);
    }
    if (!found) co_return fail(found.error());
    Answer answer{std::move(found->result), {}};
    if (!annotated_) co_return answer;
    Result<std::string> jpeg;
    if (found->picture) {
      jpeg = co_await http::on(
          live_.pool_, [&] { return media::encode_jpeg(found->picture()); }, turn);
    } else {
      jpeg = co_await live_.pictures_.annotate(frame.request, frame.upload, found->draw);
    }
    if (!jpeg) co_return fail(jpeg.error());
    answer.jpeg = std::move(*jpeg);
    co_return answer;
  }

  Live& live_;
  const http::Request& request_;
  http::WebSocket& socket_;
  const LiveTask& task_;
  bool auto_orient_ = true;
  bool annotated_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t dropped_ = 0;
  std::unique_ptr<Frame> waiting_;
  std::unique_ptr<Frame> examined_;
  asio::steady_timer changed_;  // is cancelled when one of them comes or goes
};

Live::Live(http::WorkPool& pool, Model& model, Pictures& pictures,
           const PictureRules& picture_rules, const LiveRules& rules)
    : pool_(pool),
      model_(model),
      pictures_(pictures),
      picture_rules_(picture_rules),
      rules_(rules),
      memory_(mebibytes(rules.max_memory_mb)) {}

http::RouteOptions Live::route() const {
  return {.max_body = std::min(mebibytes(rules_.max_frame_mb), picture_rules_.max_bytes())};
}

awaitable<Status> Live::serve(http::Request request, http::WebSocket& socket,
                              const LiveTask& task) {
  Session session(*this, request, socket, task, co_await asio::this_coro::executor);
  co_await session.run();
  co_return Status{};
}

void add_live_settings(Settings& settings, LiveRules& rules) {
  settings.add("live.max_frame_mb", rules.max_frame_mb,
               {.help = "Largest frame of live pictures in MiB", .min = 1, .max = 1024});
  settings.add("live.max_memory_mb", rules.max_memory_mb,
               {.help = "Live frames that are held at once in MiB, half of it by one client",
                .min = 1,
                .max = 1 << 20});
  settings.add("live.frame_timeout_ms", rules.frame_timeout_ms,
               {.help = "Longest time for one live frame", .min = 1, .max = 600'000});
}

}  // namespace npu::kit
