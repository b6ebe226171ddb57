// Pictures that a camera took on its side.
#pragma once

#include "media/image.hpp"

namespace npu::media {

// The EXIF tag Orientation (TIFF 6.0, tag 274): where the first row and column of the stored
// pixels belong. 1: top, left; 2: top, right; 3: bottom, right; 4: bottom, left; 5: left, top;
// 6: right, top; 7: right, bottom; 8: left, bottom. Other numbers count as 1.
Image upright(const Image& stored, int orientation);
// Its size.
Size upright_size(Size stored, int orientation);
// Where the pixels of a part of it are stored, of a picture of that stored size.
Region stored_part(const Region& part, Size stored, int orientation);

}  // namespace npu::media
