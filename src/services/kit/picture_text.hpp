// A picture as base64, in the JSON of a request's body.
//
//   PictureText text(request.body);
//   auto body = http::parse_json_apart(request.body, "image", text);
//   auto picture = text.finish();
//
// The picture is decoded over the text that it comes from, which is longer and has been read by
// then: it takes no memory of its own, however many are decoded at once.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "http/body.hpp"
#include "json/parse.hpp"

namespace npu::kit {

class PictureText final : public npu::json::StringSink {
 public:
  // body: of which the pieces are; it outlives this.
  explicit PictureText(http::Body& body) : body_(body) {}

  void begin() override;
  void add(std::string_view piece) override;

  // The picture, valid as long as a view of the body. kInvalidArgument, kMalformed: it was none, in
  // words for the client; kDoesNotFit, kUnavailable: it could not be stored.
  Result<std::span<const std::byte>> finish();

 private:
  void decode(bool last);

  http::Body& body_;
  std::string chunk_;  // characters to be decoded, without blanks
  bool at_its_beginning_ = true;
  std::size_t characters_ = 0;  // that were decoded
  std::size_t bytes_ = 0;       // of the picture
  Status status_;
};

}  // namespace npu::kit
