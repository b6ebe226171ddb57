// Session: from the broker's outcomes to replies.
#include "manager/clients/session.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace npu::manager {
namespace json = boost::json;
namespace {

// Of what waits to be read before announcements are kept back.
constexpr std::size_t kMostAhead = std::size_t{64} << 10;
constexpr std::size_t kInlineBase64 = std::size_t{16} << 10;
constexpr std::string_view kExhausted = "RESOURCE_EXHAUSTED and no models available to evict: ";

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The texts that clients know. What the broker decides by itself is said as it is.
std::string text_of(const Error& error, bool loading, bool inferring, std::string_view path) {
  switch (error.code) {
    case ErrorCode::kCancelled:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kOverloaded:
    case ErrorCode::kBusy:
    case ErrorCode::kDeviceLost: return error.message;
    case ErrorCode::kUnavailable:
      if (error.is_whole) return error.message;
      [[fallthrough]];
    case ErrorCode::kVersionMismatch:
      return "Device manager runtime unavailable. Details: runtime context unavailable: " +
             error.message;
    case ErrorCode::kDoesNotFit:
      if (loading) return std::string(kExhausted) + error.message;
      break;
    case ErrorCode::kNotFound:
      // Gone between the check and the worker's attempt to open it.
      if (loading && error.message.ends_with(base_name(path))) {
        return fmt::format("Model file not found: {}", path);
      }
      break;
    default: break;
  }
  if (loading) return "Failed to load model: " + error.message;
  return inferring ? "Inference failed: " + error.message : error.message;
}

Error error_of(const broker::Outcome& outcome, std::string_view path) {
  Error error = outcome.status.error();
  const bool loading = outcome.during_load || outcome.kind == broker::RequestKind::kLoad;
  error.message = text_of(error, loading, outcome.kind == broker::RequestKind::kInfer, path);
  return error;
}

}  // namespace

void Session::reply_no_device(Error why, const std::string& request_id) {
  why.message = text_of(why, false, false, {});
  reply_error(why, request_id);
}

struct Session::ReplyJob {
  std::shared_ptr<void> place;
  InferReply reply;
  ReplyStyle style;
  PayloadBudget::Share share;
  Result<OutMessage> message = fail(ErrorCode::kOverloaded, "not enough memory for the reply");
};

void Session::completed(broker::RequestId request, broker::Outcome outcome) {
  connection_.guarded([&] { conclude(request, std::move(outcome)); });
}

void Session::conclude(broker::RequestId request, broker::Outcome outcome) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  if (pending.unload) {
    reply_unload(pending, outcome);
  } else if (!outcome.status) {
    reply_failure(pending, error_of(outcome, pending.path));
  } else if (outcome.kind == broker::RequestKind::kLoad) {
    reply_load(pending, outcome);
  } else {
    reply_infer(std::move(pending), std::move(outcome.result));
  }
}

void Session::end_request(const std::string& request_id) {
  --in_flight_;
  const auto found = std::ranges::find(in_flight_ids_, request_id);
  if (found != in_flight_ids_.end()) in_flight_ids_.erase(found);
  attend_later();
}

// A worker may write to the client's memory for as long as it has the work, also after the broker
// has given the request up; the reply gives that memory back.
void Session::reply_failure(const Pending& pending, Error error) {
  const auto work = pending.work.lock();
  if (!work) {
    reply_error(error, pending.request_id);
    return end_request(pending.request_id);
  }
  work->when_released = [self = shared_from_this(), id = pending.request_id,
                         error = std::move(error)] {
    boost::asio::post(self->host_.io(), [self, id, error] {
      if (self->connection_.is_open()) {
        self->reply_error(error, id);
        self->end_request(id);
      }
      self->host_.settle();
    });
  };
}

namespace {

// What the reference says of OCR, and of nothing else, to clients without a hello.
void add_ocr_shape(const json::object& info, json::object& body) {
  constexpr std::string_view kShape = "detection_input_shape";
  const auto* model = info.if_contains("model_info");
  const auto* about = model != nullptr ? model->if_object() : nullptr;
  const auto* shape = about != nullptr ? about->if_contains(kShape) : nullptr;
  if (shape != nullptr) body["model_info"] = {{kShape, *shape}};
}

}  // namespace

void Session::reply_load(const Pending& pending, const broker::Outcome& outcome) {
  json::object body{{"status", "ok"},
                    {"model_path", pending.path},
                    {"model_type", pending.type},
                    {"message", outcome.was_there ? "Model already loaded" : "Model loaded"}};
  if (outcome.loaded && style_.with_code) {
    for (const auto& item : outcome.loaded->info) body[item.key()] = item.value();
  } else if (outcome.loaded && pending.type == "ocr") {
    add_ocr_shape(outcome.loaded->info, body);
  }
  if (!pending.warning.empty()) body["warning"] = pending.warning;
  if (style_.with_code && pending.listed_as != pending.path) body["listed_as"] = pending.listed_as;
  reply(std::move(body), pending.request_id);
  end_request(pending.request_id);
}

void Session::reply_unload(const Pending& pending, const broker::Outcome& outcome) {
  UnloadGroup& group = *pending.unload;
  group.any = group.any || (outcome.status && outcome.was_there);
  if (!outcome.status) group.error = error_of(outcome, pending.path);
  if (--group.left > 0) return;
  if (group.error) {
    reply_error(*group.error, pending.request_id);
  } else {
    reply({{"status", "ok"}, {"message", group.any ? "Model unloaded" : "Model was not loaded"}},
          pending.request_id);
  }
  end_request(pending.request_id);
}

void Session::reply_infer(Pending pending, std::shared_ptr<InferResult> result) {
  InferReply made{std::move(result), std::move(pending.output), pending.request_id,
                  pending.warning};
  if (base64_bytes(made, style_) <= kInlineBase64) {
    send_or_close(make_infer_reply(made, style_), pending.request_id);
    return end_request(pending.request_id);
  }
  auto job = std::make_unique<ReplyJob>();
  job->place = connection_.place();
  job->reply = std::move(made);
  job->style = style_;
  job->share = std::move(pending.share);
  auto self = shared_from_this();
  host_.codec().run(
      user(), std::move(job),
      [](ReplyJob& work) { work.message = make_infer_reply(work.reply, work.style); },
      [self = std::move(self)](std::unique_ptr<ReplyJob> work) {
        if (self->connection_.is_open()) {
          self->connection_.guarded([&] {
            self->send_or_close(std::move(work->message), work->reply.request_id);
            self->end_request(work->reply.request_id);
          });
        }
        work.reset();
        self->host_.settle();
      });
}

void Session::event(broker::RequestId request, InferEvent&& event) {
  const auto found = pending_.find(request);
  if (found == pending_.end() || !found->second.stream) return;
  connection_.guarded([&] { send_event(found->second, std::move(event.value)); });
}

void Session::send_event(const Pending& pending, json::object event) {
  auto message = make_reply({{"event", std::move(event)}}, pending.request_id, style_);
  if (!message) return send_or_close(std::move(message), pending.request_id);
  unread_events_ = std::min(unread_events_, connection_.unsent_bytes()) + message->bytes();
  if (unread_events_ > kMaxUnread) return connection_.close("does not read its events");
  connection_.send(std::move(*message));
}

void Session::announce_device(const json::object& event) {
  if (!events_.device) return;
  connection_.guarded([&] {
    announcements_.device(event);
    send_announcements();
  });
}

void Session::announce_model(const std::string& key, const json::object& event) {
  if (!events_.model) return;
  connection_.guarded([&] {
    announcements_.model(key, event);
    send_announcements();
  });
}

void Session::announce_step(const json::object& event) {
  connection_.guarded([&] {
    announcements_.step(event);
    send_announcements();
  });
}

void Session::send_announcements() {
  while (connection_.is_open() && !announcements_.empty() &&
         connection_.unsent_bytes() < kMostAhead) {
    send_or_close(make_reply(announcements_.next(), {}, style_), {});
  }
}

}  // namespace npu::manager
