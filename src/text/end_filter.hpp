// Drops the markers that end an answer from a stream of text pieces, however the pieces cut them.
//
// Models say the end-of-text token, a stop token or the recovery sequence as the last pieces of an
// answer. Only trailing markers are dropped; one in the middle is what the model said.
//
//   EndFilter filter({"<|im_end|>", "<|endoftext|>"});
//   for (piece) pass_on(filter.push(piece));
//   pass_on(filter.finish());
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::text {

class EndFilter {
 public:
  // Empty markers are left out.
  explicit EndFilter(std::vector<std::string> markers);

  // What may be passed on now: everything but a tail that could still turn out to be markers.
  // Complete UTF-8 if piece and markers are.
  std::string push(std::string_view piece);
  // The rest at the end of the answer, without trailing markers.
  std::string finish();

 private:
  std::vector<std::string> markers_;
  std::string held_;
};

}  // namespace npu::text
