// Ends a streamed text where a stop string begins, however the pieces cut text and strings.
//
//   StopFilter filter({"\nUser:"});
//   for (piece) {
//     pass_on(filter.push(piece));
//     if (filter.stopped_by()) break;
//   }
//   pass_on(filter.finish());
//
// The first string to be complete ends the text; of several that are at the same letter, the one
// that began first. What is passed on depends on the text alone, not on its pieces.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npu::text {

class StopFilter {
 public:
  // Empty strings are left out.
  explicit StopFilter(std::vector<std::string> stops);

  // What may be passed on now: all but an end that may still become a stop string, or that is not
  // the whole of a UTF-8 character yet. Nothing once a string has stopped the text.
  std::string push(std::string_view piece);
  // The rest at the end of the text.
  std::string finish();

  // The string that was found.
  const std::optional<std::string>& stopped_by() const { return stopped_by_; }

 private:
  // Bytes at the end of held_ that a longer text may need.
  std::size_t undecided() const;

  std::vector<std::string> stops_;
  std::string held_;
  std::size_t looked_at_ = 0;  // of held_
  std::optional<std::string> stopped_by_;
};

}  // namespace npu::text
