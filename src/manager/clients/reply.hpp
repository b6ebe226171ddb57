// Replies as frames.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/outbox.hpp"
#include "manager/memory/payloads.hpp"
#include "wire/frame.hpp"

namespace npu::manager {

// How one connection wants its replies.
struct ReplyStyle {
  wire::Layout layout = wire::Layout::kJson;
  bool with_code = false;  // after a hello: `code` and `retry_after_ms`
  std::size_t max_bytes = wire::kDefaultMaxPayload;
};

// What an inference's reply is made of. Keeps the memory of its tensors.
struct InferReply {
  std::shared_ptr<InferResult> result;
  std::optional<OutputPlace> output;
  std::string request_id;         // serialised, "" for none
  std::string_view warning = {};  // "" for none; lives for ever
};

// `body` and request_id as one frame. kTooLarge ("Response too large: <n> bytes") over the limit.
Result<OutMessage> make_reply(boost::json::object body, std::string_view request_id,
                              const ReplyStyle& style);
boost::json::object error_body(const Error& error, const ReplyStyle& style);

// Bytes of the result's tensors that would have to be written as base64.
std::size_t base64_bytes(const InferReply& reply, const ReplyStyle& style);

// The reply of an inference: tensors in the client's region, in the tail, or as base64. May run on
// a codec thread. kTooLarge as above, kInternal if the worker named memory that is not there.
Result<OutMessage> make_infer_reply(const InferReply& reply, const ReplyStyle& style);

}  // namespace npu::manager
