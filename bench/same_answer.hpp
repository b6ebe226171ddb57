// Whether two programs found the same in a picture.
#pragma once

#include <boost/json.hpp>

namespace npu::bench {

// Answers of one service, as JSON: the same keys and texts, confidences to 0.001, and other numbers
// to 1 (both round to pixels) and 0.2 % of what is larger. Of runs only the areas count, as a pixel
// more or less in one of them moves all that follow.
bool same_answer(const boost::json::value& ours, const boost::json::value& theirs);

}  // namespace npu::bench
