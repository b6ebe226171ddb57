// Which pictures are meant, and where what was found is written.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

#include "media/image.hpp"

namespace npu::cli {

// Files as they are; of a folder the pictures in it, by name, not those in folders in it; of a
// pattern with *, ? or [ that is no file what matches. Each once. kNotFound where there is none.
Result<std::vector<std::string>> picture_files(const std::vector<std::string>& arguments);

// For each picture the file that -o names: it, or, where it is a folder, ends in "/" or there are
// several pictures, "<name>.jpg" in it; of two pictures of one name the second keeps its ending,
// "a.png.jpg". kInvalidArgument where it ends otherwise than .jpg, .jpeg or .png, or is one of the
// pictures.
Result<std::vector<std::string>> output_files(const std::vector<std::string>& pictures,
                                              const std::string& output);

// By the file's ending. Makes the folder.
Status write_picture(const media::Image& picture, const std::string& file);

}  // namespace npu::cli
