// The faces in a picture, as clients want them. Keys are in the order of the alphabet, as the
// Python project writes them.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "media/image.hpp"
#include "services/face/finder.hpp"

namespace npu::face {

inline constexpr std::array<std::string_view, vision::kFacePoints> kPointNames{
    "left_eye", "right_eye", "nose", "left_mouth", "right_mouth"};

// Confidences and cosines: to four digits.
double digits(double value);
// [x, y, width, height] in whole pixels.
boost::json::array box_json(const kit::Box& box);
// [{"type", "x", "y"}]: pixels to a hundredth.
boost::json::array points_json(const Points& points);

// "data:image/jpeg;base64,..."
std::string jpeg_uri(std::string_view jpeg);

// Boxes with their scores, or with their names where there are as many, and the five points.
void draw_on(media::Image& picture, std::span<const Face> faces,
             std::span<const std::string> names = {});

}  // namespace npu::face
